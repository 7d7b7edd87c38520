"""A capability that nobody knew: its port, its adapter and its registration are all it takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import pytest

from functions.alone import Call, Loan, call_node
from layers.artifacts import StoredFiles
from layers.artifacts.memory import MemoryStore
from layers.catalogue import NodeType, node_type
from layers.contract import Capability, Context, Items, Node, Outputs, Params, Sample, only
from layers.contract.item import Item
from layers.engine.ports import StepHost
from layers.engine.step.capabilities import Capabilities
from layers.errors import TreadleError
from tests.catalogue.installed import Installed
from tests.engine.harness import Stage, node, played


class Translator(Protocol):
    """The port: what a node may ask."""

    async def translated(self, text: str) -> str:
        """The text in the other language."""
        ...


TRANSLATOR: Capability[Translator] = Capability("translators")


@dataclass
class StepTranslator:
    """The adapter: bound to one attempt of one step, whose log and workspace it knows."""

    words: dict[str, str]
    host: StepHost

    async def translated(self, text: str) -> str:
        """The text in the other language."""
        self.host.log(f"{self.host.workspace_id} translates {text}")
        return self.words[text]


async def run(_params: Params, items: Items, ctx: Context) -> Outputs:
    translator = ctx.use(TRANSLATOR)
    return only([Item(text=await translator.translated(str(item["text"]))) for item in items])


TRANSLATE: Node[Params] = Node(
    type="translate",
    title="Translate",
    category="Test",
    summary="Translates.",
    params=Params,
    sample=Sample(params={}),
    run=run,
)
WORDS = {"good day": "guten Tag"}


def lend(capabilities: Capabilities) -> None:
    """The registration."""
    capabilities.lend(TRANSLATOR, lambda host: StepTranslator(WORDS, host))


@dataclass
class Declared(Installed):
    """One type that every workspace has."""

    found: NodeType = field(default_factory=lambda: node_type(TRANSLATE))

    def find(self, workspace_id: str, name: str, version: int | None) -> NodeType | None:
        """See ``TypeSource``."""
        return self.found if name == TRANSLATE.type else None


@pytest.fixture
def stage(stage: Stage) -> Stage:
    stage.sources = [Declared()]
    return stage


def step_of(whole: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in whole["steps"] if one["node_id"] == "t")
    return found


@played
async def test_a_node_uses_what_is_lent_to_its_step(stage: Stage) -> None:
    lend(stage.engine.services.capabilities)
    saved = stage.save([node("m", "manual"), node("t", "translate")], ["m -> t"])

    step = step_of(await stage.run(saved, {"text": "good day"}))

    assert step["error"] is None
    assert step["output"] == {"main": [{"text": "guten Tag"}]}
    assert step["logs"][0]["text"] == f"{stage.home} translates good day"


@played
async def test_a_node_fails_with_a_remedy_where_nobody_lends_it(stage: Stage) -> None:
    saved = stage.save([node("m", "manual"), node("t", "translate")], ["m -> t"])

    error = step_of(await stage.run(saved, {"text": "good day"}))["error"]

    assert error["kind"] == "capability_missing"
    assert "there are no translators here" in error["message"]


def loan(capabilities: Capabilities) -> Loan:
    files = StoredFiles(MemoryStore(), "alone")
    return Loan(None, files, None, capabilities)  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_it_is_lent_to_a_node_that_is_served_alone_as_well() -> None:
    capabilities = Capabilities()
    call = Call(items=[{"text": "good day"}])

    with pytest.raises(TreadleError, match="there are no translators here"):
        await call_node(node_type(TRANSLATE), call, loan(capabilities))
    lend(capabilities)

    given = await call_node(node_type(TRANSLATE), call, loan(capabilities))
    assert given["outputs"] == {"main": [{"text": "guten Tag"}]}
