"""The node ``python``: the author's own Python, run where it can do no harm."""

from __future__ import annotations

import ast
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from layers.contract import (
    Accepts,
    Context,
    Effect,
    Item,
    Items,
    Node,
    Outputs,
    Parameter,
    Params,
    PerItem,
    PythonCode,
    Sample,
    SandboxUse,
    Slot,
    Widget,
    only,
)
from layers.packages.requirements import (
    LONGEST,
    MOST,
    RefusedRequirements,
    read_requirement,
    read_requirements,
)


def _is_read(text: str) -> str:
    read_requirement(text)
    return text


Requirement = Annotated[str, Field(max_length=LONGEST), AfterValidator(_is_read)]
"""A package of the index by name (PEP 508 without addresses, paths or options)."""

Destination = Annotated[
    str, Field(max_length=300, pattern=r"^(\*\.)?[A-Za-z0-9_.-]+:([0-9]{1,5}|\*)$")
]
"""``host:port``, where the host may begin with ``*.`` and the port may be ``*``."""


class PythonParams(Params):
    """The code, and the limits that it runs in."""

    code: str = Parameter(
        title="Code",
        description=(
            "Defines run(items) or run(items, ctx), which returns a list of objects. With 'each "
            "item', items is a list of one; name the parameter item to get it "
            "itself. What is printed goes to the step's logs."
        ),
        max_length=200_000,
        examples=["def run(items):\n    return [{**item, 'seen': True} for item in items]"],
        widget=Widget.CODE,
        language="python",
    )
    per: Literal["all_items", "each_item"] = Parameter(
        default="all_items",
        title="Run",
        description=(
            "Once for all items together, or once for each item: then an item for which it fails "
            "is one failed item, unless files are handed over."
        ),
    )
    mode: Literal["run", "warm"] = Parameter(
        default="run",
        title="Interpreter",
        description=(
            "run: a fresh interpreter each time. warm: the same interpreter again for the same "
            "code, which is faster; global variables then outlive the call."
        ),
    )
    requirements: list[Requirement] = Parameter(
        default=[],
        max_length=MOST,
        title="Packages",
        description=(
            "Packages of the index to bring along, by name, pinned or ranged; extras and markers "
            "are allowed. Their exact versions are kept with each version of the workflow."
        ),
        examples=[["python-slugify==8.0.4", "requests>=2.31,<3"]],
    )
    timeout_s: float = Parameter(
        default=30.0,
        ge=0.1,
        le=900,
        title="Time limit (s)",
        description="How long it may take on the clock, from 0.1 to 900 seconds.",
    )
    memory_mb: int = Parameter(
        default=256,
        ge=64,
        le=2048,
        title="Memory limit (MB)",
        description="How much memory it may use, from 64 to 2048 MB.",
    )
    cpu_s: float | None = Parameter(
        default=None,
        gt=0,
        le=900,
        title="CPU limit (s)",
        description="How much processor time it may use; empty for as long as the time limit.",
    )
    network: Literal["none"] | list[Destination] = Parameter(
        default="none",
        title="Network",
        description=(
            "'none', or the destinations that it may reach, as host:port. A host may begin with "
            "'*.' to include all names below it."
        ),
        examples=[["api.example.com:443"]],
    )
    files: bool = Parameter(
        default=False,
        title="Hand files over",
        description="On: the items' files are there to read, and new ones can be kept.",
    )

    @field_validator("requirements")
    @classmethod
    def _name_each_once(cls, requirements: list[str]) -> list[str]:
        try:
            read_requirements(requirements)
        except RefusedRequirements as error:
            raise ValueError(error.detail) from error
        return requirements

    @field_validator("code")
    @classmethod
    def _defines_run(cls, code: str) -> str:
        check(code)
        return code


def check(code: str) -> None:
    """Parse without running; raises ValueError that names the line and what to change."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise ValueError(f"Line {error.lineno or 1}: {error.msg}.") from error
    except ValueError as error:
        raise ValueError("The code holds a character that no Python source can.") from error
    except (RecursionError, MemoryError) as error:
        raise ValueError("The code is nested too deeply to read; simplify it.") from error
    found = [
        statement
        for statement in tree.body
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef))
        and statement.name == "run"
    ]
    if not found:
        last = len(code.splitlines()) or 1
        raise ValueError(
            f"Line {last}: no function 'run' is defined; add 'def run(items):' at the left margin."
        )
    mistake = _mistake_in(found[-1])
    if mistake is not None:
        raise ValueError(f"Line {found[-1].lineno}: {mistake}")


def _mistake_in(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    if isinstance(function, ast.AsyncFunctionDef):
        return "'run' must be a plain function; write 'def run', not 'async def run'."
    taken = function.args
    names = [argument.arg for argument in (*taken.posonlyargs, *taken.args)]
    required = len(names) - len(taken.defaults)
    unfilled = [default for default in taken.kw_defaults if default is None]
    if (not names and taken.vararg is None) or required > 2 or unfilled:
        return "'run' is called as run(items) or run(items, ctx); take one or two arguments."
    return None


def effect_of(params: PythonParams) -> Effect:
    """Without a network it touches nothing, so it may run again at any time."""
    return Effect.UNSAFE if destinations(params) else Effect.PURE


def sandbox_use(params: PythonParams) -> SandboxUse:
    """What the code asks for."""
    return SandboxUse(params.memory_mb, params.timeout_s, tuple(params.requirements))


def destinations(params: PythonParams) -> tuple[str, ...]:
    """The ``host:port`` patterns that the code may reach; empty for none."""
    return () if params.network == "none" else tuple(params.network)


async def run(params: PythonParams, items: Items, ctx: Context) -> Outputs | PerItem:
    """Hand code and items to the sandbox and give what it returns."""
    if acts_by_item(params):
        return await ctx.sandbox.run_each(_code(params), items)
    return only(await ctx.sandbox.run(_code(params), items))


async def run_item(params: PythonParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Run the code for one item alone."""
    return only(await ctx.sandbox.run(_code(params), [item]))


def acts_by_item(params: PythonParams) -> bool:
    """Files are handed over for all items together."""
    return params.per == "each_item" and not params.files


def _code(params: PythonParams) -> PythonCode:
    return PythonCode(
        code=params.code,
        per=params.per,
        mode=params.mode,
        requirements=tuple(params.requirements),
        timeout_s=params.timeout_s,
        memory_mb=params.memory_mb,
        cpu_s=params.cpu_s,
        network=destinations(params),
        files=params.files,
    )


node = Node(
    type="python",
    title="Python",
    category="Code",
    summary="Runs Python of your own in a sandbox, with packages, limits and no secrets.",
    icon="code",
    params=PythonParams,
    run=run,
    run_item=run_item,
    by_item_of=acts_by_item,
    effect=Effect.PURE,
    effect_of=effect_of,
    credentials=(
        Slot("account", title="Credential", accepts=Accepts.ANY),
        Slot(
            "second",
            title="Second credential",
            description="For a second service, as ctx.credential('second').",
            accepts=Accepts.ANY,
        ),
    ),
    sandbox_use=sandbox_use,
    sample=Sample(
        params={
            "code": "def run(items):\n    return [{**i, 'score': i['total'] * 2} for i in items]"
        },
        items=[{"total": 21}],
        outputs={"main": [{"total": 21, "score": 42}]},
        alone=False,
    ),
)
