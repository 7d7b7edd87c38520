"""Some of the items of a step, however many there are: read one by one, most of them let go.

Reading a large text into objects at once holds up everybody else in the process, in a thread as
well: the interpreter does nothing else meanwhile. Between two items it can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from json import JSONDecoder
from typing import TypeVar

from layers import jsontext
from layers.contract import Json
from layers.engine.payload_store import PayloadStore
from layers.engine.recorded import RecordedExecution
from layers.engine.rows import StepRow
from layers.work import PROCESSOR

T = TypeVar("T")
Key = tuple[str, int]
DECODER = JSONDecoder()
FILES = '],"files":{'


@dataclass(frozen=True)
class Extract:
    """Some of the items of a port, of ``count``; ``text`` are all of them, where it was asked.

    ``files`` are those beside the items, as ``FileRef`` has them, by the items' places in the port.
    """

    count: int = 0
    items: Sequence[Json] = ()
    text: str = ""
    files: Mapping[int, Sequence[Mapping[str, Json]]] = field(default_factory=dict)

    def __add__(self, other: Extract) -> Extract:
        """Both, one after the other."""
        text = ",".join(one for one in (self.text, other.text) if one)
        files = {**self.files, **{self.count + at: found for at, found in other.files.items()}}
        return Extract(self.count + other.count, [*self.items, *other.items], text, files)


NOTHING = Extract()


@dataclass(frozen=True)
class Range:
    """Which items are wanted. ``whole`` asks for the text of all of them, too."""

    start: int
    stop: int
    whole: bool = False

    def after(self, count: int) -> Range:
        """The same as seen from behind so many items."""
        return Range(max(self.start - count, 0), max(self.stop - count, 0), self.whole)


def of_outputs(text: str, wanted: Range, counts: Mapping[str, int] | None) -> dict[str, Extract]:
    """An extract of each port from what ``encode_outputs`` wrote.

    Where ``counts`` are known, the last port is read no further than it has to be.
    """
    found: dict[str, Extract] = {}
    at = 1
    while text[at] != "}":
        port, at = DECODER.raw_decode(text, at + (text[at] == ","))
        is_last = counts is not None and len(found) == len(counts) - 1
        known = counts.get(port) if is_last and counts is not None else None
        found[port], at = _packed(text, at + 1, wanted, known)
        if at < 0:
            found[port] = _with_files(found[port], _last_files(text, "}}"), wanted)
            break
    return found


def of_items(text: str, wanted: Range, count: int | None) -> Extract:
    """An extract from what ``encode_items`` wrote."""
    extract, at = _packed(text, 0, wanted, count)
    return extract if at >= 0 else _with_files(extract, _last_files(text, "}"), wanted)


async def given(payloads: PayloadStore, step: StepRow, wanted: Range) -> dict[str, Extract] | None:
    """An extract of each port of a step; None where it gave nothing."""
    if step.output is None and step.artifact is None:
        return None
    counts = _counts(step, "output")
    return await _read(payloads, step, step.output, lambda text: of_outputs(text, wanted, counts))


async def event(
    payloads: PayloadStore, row: RecordedExecution, wanted: Range, count: int | None
) -> Extract:
    """An extract of what an execution began with; ``count`` is given if it is known."""
    return await _read(payloads, row, row.payload, lambda text: of_items(text, wanted, count))


async def came(
    payloads: PayloadStore,
    row: RecordedExecution,
    step: StepRow,
    steps: Mapping[Key, StepRow],
    wanted: Range,
) -> dict[str, Extract]:
    """An extract of each port of what came into a step; ``steps`` are those that it came from."""
    sources = jsontext.loads(step.sources)
    if not sources:
        return {"main": await event(payloads, row, wanted, began_with([step]))}
    arrived: dict[str, Extract] = {}
    for node_id, run, port, to_port in sources:
        before = arrived.get(to_port, NOTHING)
        source = steps.get((node_id, run))
        ports = (
            None if source is None else await given(payloads, source, wanted.after(before.count))
        )
        arrived[to_port] = before + (ports or {}).get(port, NOTHING)
    return arrived


def combined(
    step: StepRow, outputs: Mapping[Key, Mapping[str, Extract]], began: Extract
) -> dict[str, Extract]:
    """What came into a step, put together from the first items of what others gave."""
    sources = jsontext.loads(step.sources)
    if not sources:
        return {"main": began}
    arrived: dict[str, Extract] = {}
    for node_id, run, port, to_port in sources:
        more = outputs.get((node_id, run), {}).get(port, NOTHING)
        arrived[to_port] = arrived.get(to_port, NOTHING) + more
    return arrived


def began_with(steps: Sequence[StepRow]) -> int | None:
    """How many items the event of an execution has, if one of these steps knows it."""
    for step in steps:
        if step.sources == "[]":
            return (_counts(step, "input") or {}).get("main")
    return None


def _counts(step: StepRow, side: str) -> dict[str, int] | None:
    if step.counts is None:
        return None
    found: dict[str, int] = jsontext.loads(step.counts)[side]
    return found


async def _read(
    payloads: PayloadStore,
    row: RecordedExecution | StepRow,
    inline: str | None,
    extract: Callable[[str], T],
) -> T:
    text = await payloads.read(row.workspace_id, inline, row.artifact)
    return extract(text) if inline is not None else await PROCESSOR.run(extract, text)


def _packed(text: str, at: int, wanted: Range, count: int | None) -> tuple[Extract, int]:
    """The extract of ``{"items":[…],…}``, and where that ends; -1: it was not looked."""
    extract, at = _array(text, at + len('{"items":'), wanted, count)
    if at < 0:
        return extract, at
    while text[at] == ",":
        name, at = DECODER.raw_decode(text, at + 1)
        value, at = DECODER.raw_decode(text, at + 1)
        if name == "files":
            extract = _with_files(extract, value, wanted)
    return extract, at + 1


def _last_files(text: str, ending: str) -> Mapping[str, Json]:
    """The files that stand behind the last items of a text, which are not read for it."""
    at = text.rfind(FILES)
    if at < 0:
        return {}
    # An item may have a field of that name: what follows it is not the end of all.
    found, end = DECODER.raw_decode(text, at + len(FILES) - 1)
    return found if text[end:] == ending else {}


def _with_files(extract: Extract, files: Mapping[str, Json], wanted: Range) -> Extract:
    found = {int(at): ones for at, ones in files.items() if wanted.start <= int(at) < wanted.stop}
    return replace(extract, files=found) if found else extract


def _array(text: str, begin: int, wanted: Range, count: int | None) -> tuple[Extract, int]:
    items: list[Json] = []
    seen = 0
    at = begin + 1
    while text[at] != "]":
        if count is not None and seen >= wanted.stop and not wanted.whole:
            return Extract(count, items), -1
        item, at = DECODER.raw_decode(text, at + (text[at] == ","))
        if wanted.start <= seen < wanted.stop:
            items.append(item)
        seen += 1
    return Extract(seen, items, text[begin + 1 : at] if wanted.whole else ""), at + 1
