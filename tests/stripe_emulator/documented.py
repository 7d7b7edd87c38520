"""What Stripe's official SDK documents of the calls that the emulator has: their parameters.

``python -m tests.stripe_emulator.documented`` writes them for the emulator, after a new SDK or a
new call; the emulator itself does not need the SDK.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import stripe

from local_emulator.providers.stripe.app import READ, ROUTES
from local_emulator.providers.stripe.parameters import ANYTHING, FILE

SDK = Path(stripe.__file__).parent
CALL = re.compile(
    r'params: (?:Optional\[)?"(?P<type>\w+)"\]?.*?self\._request\(\s*"(?P<method>\w+)",\s*'
    r'"/v1/(?P<path>[^"]+)"',
    re.DOTALL,
)
OF_ANY_NAME = ("Dict[str,", "UntypedStripeObject")


def documented() -> dict[str, Any]:
    """The parameters of each call, as trees of names; what has no parts is null."""
    found = {}
    for name, (folder, type_name) in sorted(_calls().items()):
        if _is_known(name):
            module = "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()
            found[name] = _fields(SDK / "params" / folder / f"{module}.py", type_name)
    return found


def _calls() -> dict[str, tuple[Path, str]]:
    """The folder and type of the parameters of all calls of the SDK, by method and path."""
    calls = {}
    for file in sorted(SDK.rglob("_*_service.py")):
        for definition in file.read_text().split("    def ")[1:]:
            match = CALL.search(definition)
            if match is not None:
                path = re.sub(r"\{\w+\}", "*", match["path"])
                folder = file.parent.relative_to(SDK)
                calls[f"{match['method'].upper()} {path}"] = (folder, match["type"])
    return calls


def _is_known(call: str) -> bool:
    method, path = call.split()
    example = path.replace("*", "x")
    if method == "GET" and path.endswith("/*") and path[:-2] in READ:
        return True
    return any(one == method and re.fullmatch(known, example) for one, known, _ in ROUTES)


@cache
def _classes(file: Path) -> dict[str, ast.ClassDef]:
    body = ast.parse(file.read_text()).body
    return {one.name: one for one in body if isinstance(one, ast.ClassDef)}


def _fields(file: Path, type_name: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    definition = _classes(file)[type_name]
    for base in definition.bases:
        fields = _functional(file).get(ast.unparse(base))
        for key, value in zip(fields.keys, fields.values, strict=True) if fields else ():
            names[ast.literal_eval(key or "")] = _part(file, ast.unparse(value))
    for field in definition.body:
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            names[field.target.id] = _part(file, ast.unparse(field.annotation))
    return names


@cache
def _functional(file: Path) -> dict[str, ast.Dict]:
    """Types that are not written as classes, since a field's name is a word of Python's."""
    found = {}
    for one in ast.parse(file.read_text()).body:
        if isinstance(one, ast.Assign) and isinstance(one.value, ast.Call):
            fields = one.value.args[-1]
            if isinstance(fields, ast.Dict):
                found[ast.unparse(one.targets[0])] = fields
    return found


def _part(file: Path, annotation: str) -> Any:
    if any(one in annotation for one in OF_ANY_NAME):
        return ANYTHING
    for name in re.findall(r"\w+", annotation):
        if name in _classes(file):
            return _fields(file, name)
    return None


def main() -> None:
    """Write the file of the emulator."""
    FILE.write_text(json.dumps(documented(), separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
