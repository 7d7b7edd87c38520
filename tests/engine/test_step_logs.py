"""What steps print, on its way into the journal and out of it."""

from __future__ import annotations

from layers.engine.step_logs import LogRow, NewPieces, by_attempt
from layers.sandbox.port import OnLog, SandboxRequest, SandboxResult
from tests.engine.harness import Stage, chain, last, node, played
from tests.engine.test_python_steps import ok, python


def new(pieces: NewPieces, *printed: tuple[str, str], attempt: int = 1) -> list[tuple[str, str]]:
    said = [{"stream": stream, "text": text} for stream, text in printed]
    return [(one["stream"], one["text"]) for one in pieces.of("code", attempt, said)]


def test_only_what_is_new_is_taken() -> None:
    pieces = NewPieces()
    assert new(pieces, ("stdout", "a")) == [("stdout", "a")]
    assert new(pieces, ("stdout", "a")) == []
    assert new(pieces, ("stdout", "ab"), ("stderr", "x")) == [("stdout", "b"), ("stderr", "x")]
    assert new(pieces, ("stdout", "ab"), ("stderr", "xy")) == [("stderr", "y")]
    assert new(pieces) == []


def test_the_next_attempt_is_taken_from_its_beginning() -> None:
    pieces = NewPieces()
    assert new(pieces, ("stdout", "abc")) == [("stdout", "abc")]
    assert new(pieces, ("stdout", "x"), attempt=2) == [("stdout", "x")]


def test_what_one_stream_got_is_one_piece_and_lines_stay_lines() -> None:
    given = [("stdout", "a"), ("stdout", "b"), ("stderr", "c"), ("log", "d"), ("log", "e")]
    rows = [LogRow(at, "n", 0, 1, stream, text) for at, (stream, text) in enumerate(given)]
    assert by_attempt(rows) == {
        ("n", 0, 1): [
            {"stream": "stdout", "text": "ab"},
            {"stream": "stderr", "text": "c"},
            {"stream": "log", "text": "d"},
            {"stream": "log", "text": "e"},
        ]
    }


@played
async def test_any_text_is_kept_as_it_is(stage: Stage) -> None:
    odd = "a\x00b\u2028\n"

    async def act(request: SandboxRequest, _on_log: OnLog) -> SandboxResult:
        return ok(request, odd)

    ended = await stage.end(await stage.start(python(stage, act)))
    assert last(ended, "code")["logs"] == [{"stream": "stdout", "text": odd}]


@played
async def test_what_a_reused_step_printed_goes_along_into_the_retry(stage: Stage) -> None:
    async def act(request: SandboxRequest, _on_log: OnLog) -> SandboxResult:
        return ok(request, "printed\n")

    python(stage, act)
    code = {"code": "def run(items):\n    return items"}
    saved = stage.save(
        [node("start", "manual"), node("code", "python", code), node("probe", "keyed")],
        chain("start", "code", "probe"),
    )
    failed: list[object] = []

    def fail_once(touch: object) -> object:
        failed.append(touch)
        if len(failed) == 1:
            raise ValueError("once")
        return {"main": []}

    stage.world.script["probe"] = fail_once
    first = await stage.end(await stage.start(saved))
    assert first["status"] == "failed"
    again = await stage.end(await stage.retry(first["id"]))
    assert again["status"] == "succeeded"
    assert last(again, "code")["logs"] == [{"stream": "stdout", "text": "printed\n"}]
    assert len(stage.parts.engine.services.sandbox.requests) == 1
