"""Names the outcome of a run, from what the guest says of it and what was seen from outside."""

from __future__ import annotations

import re
import struct
from typing import Any

import orjson

from sandbox_runner.ended import Ended
from sandbox_runner.order import Order
from sandbox_runner.wire import (
    Origin,
    Outcome,
    OutputFile,
    RunError,
    RunResult,
    is_file_name,
    is_origin,
)

_LONGEST_TEXT = 16384
_LENGTH = struct.Struct("<I")
_TEXTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ALIKE = bytes.maketrans(b"{}", b"[]")
_FOREIGN = "The process wrote something of its own as its result."


class _Spoilt(Exception):
    """The answer is not one that our own guest would write."""


def describe(ended: Ended, order: Order, waited: float) -> RunResult:
    """Name the outcome of a run that ended, with its items or its error."""
    files: list[OutputFile] = []
    lineage: list[list[Origin]] = []
    outcome, items, error = _verdict(ended, order, files, lineage)
    logs = [
        {"stream": stream, "text": text.decode("utf-8", "replace")} for stream, text in ended.logs
    ]
    usage = {
        "cpu_s": ended.cpu_s,
        "max_memory_mb": ended.peak_memory_mb,
        "waited_ms": round(waited * 1e3, 3),
    }
    milliseconds = ended.seconds * 1e3
    return RunResult(
        outcome,
        items,
        error,
        logs,
        ended.cut,
        milliseconds,
        usage,
        files,
        ended.hosts,
        lineage[0] if lineage and outcome is Outcome.OK else None,
    )


_Verdict = tuple[Outcome, bytes | None, RunError | None]


def _failed(outcome: Outcome, message: str) -> _Verdict:
    return outcome, None, RunError(message, type=outcome.value)


def _verdict(
    ended: Ended, order: Order, files: list[OutputFile], lineage: list[list[Origin]]
) -> _Verdict:
    limits = order.limits
    sentences: dict[str, tuple[Outcome, str]] = {
        "timeout": (Outcome.TIMEOUT, f"The code ran longer than {limits.timeout_s:g} s."),
        "cpu": (Outcome.CPU_LIMIT, f"The code used more than {limits.cpu_s} s of processor time."),
        "memory": (
            Outcome.OUT_OF_MEMORY,
            f"The code needed more than {limits.memory_mb} MB of memory.",
        ),
        "processes": (
            Outcome.TOO_MANY_PROCESSES,
            f"The code started more than {limits.processes} processes and threads.",
        ),
        "output": (
            Outcome.OUTPUT_TOO_LARGE,
            f"The result is larger than {limits.output_bytes} bytes.",
        ),
        "deep": (
            Outcome.OUTPUT_TOO_LARGE,
            f"The result is nested deeper than {limits.depth} levels.",
        ),
        "files": (
            Outcome.USER_ERROR,
            f"The code made more than {limits.tmp_files} files and folders in /tmp.",
        ),
        "flood": (Outcome.OUTPUT_TOO_LARGE, "The code printed without end."),
        "cancelled": (Outcome.CANCELLED, "The run was cancelled."),
        "closed": (Outcome.INFRASTRUCTURE, "The runner is stopping."),
        "spoilt": (Outcome.USER_ERROR, _FOREIGN),
    }
    if ended.why == "answer":
        try:
            answer = _without_files(ended.answer, order, files)
            answer = _without_lineage(answer, limits.output_bytes, lineage)
        except _Spoilt:
            return _failed(Outcome.USER_ERROR, _FOREIGN)
        if _is_deep(answer, limits.depth):
            return _failed(*sentences["deep"])
        return _read_answer(answer, sentences, limits.output_bytes)
    if ended.why == "exit":
        return _read_exit(ended, limits.cpu_s, sentences)
    return _failed(
        *sentences.get(
            ended.why, (Outcome.INFRASTRUCTURE, "The sandbox stopped before the code had ended.")
        )
    )


def _read_exit(ended: Ended, cpu_s: float, sentences: dict[str, tuple[Outcome, str]]) -> _Verdict:
    spent = ended.cpu_s is not None and ended.cpu_s >= cpu_s
    if ended.signal == 24 or (ended.signal == 9 and spent):
        return _failed(*sentences["cpu"])
    if ended.signal is not None:
        how = f"was ended by signal {ended.signal}"
    elif ended.code is not None:
        how = f"ended with exit code {ended.code}"
    else:
        how = "closed its result"
    return _failed(Outcome.USER_ERROR, f"The process {how} before run had returned.")


def _without_files(answer: bytes, order: Order, files: list[OutputFile]) -> bytes:
    """Return an answer's first part, and take its files out; raises _Spoilt."""
    if not answer.startswith(b"F") or order.files is None:
        return answer
    inner, rest = _piece(answer[1:])
    listing, content = _piece(rest)
    try:
        described = orjson.loads(listing)
        found = [_file(one) for one in described]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise _Spoilt from error
    sizes = [size for _, _, size in found]
    if len(found) > order.limits.file_count or sum(sizes) != len(content):
        raise _Spoilt
    if len(content) > order.limits.file_bytes:
        raise _Spoilt
    start = 0
    for name, item, size in found:
        files.append(OutputFile(name, item, content[start : start + size]))
        start += size
    return inner


def _without_lineage(answer: bytes, most_bytes: int, lineage: list[list[Origin]]) -> bytes:
    """Return an answer without where its items came from, which is taken out; raises _Spoilt."""
    if not answer.startswith(b"L"):
        return answer
    told, inner = _piece(answer[1:])
    if len(told) > most_bytes or not inner.startswith(b"V"):
        raise _Spoilt
    try:
        found = orjson.loads(told)
    except orjson.JSONDecodeError as error:
        raise _Spoilt from error
    if not isinstance(found, list) or not all(map(is_origin, found)):
        raise _Spoilt
    lineage.append(found)
    return inner


def _file(one: Any) -> tuple[str, int, int]:
    name, item, size = one["name"], one["item"], one["size"]
    if not isinstance(name, str) or not is_file_name(name):
        raise _Spoilt
    if type(item) is not int or type(size) is not int or item < 0 or size < 0:
        raise _Spoilt
    return name, item, size


def _piece(data: bytes) -> tuple[bytes, bytes]:
    """Split a length and so many bytes off; raises _Spoilt."""
    if len(data) < _LENGTH.size:
        raise _Spoilt
    end = _LENGTH.size + int(_LENGTH.unpack_from(data)[0])
    if len(data) < end:
        raise _Spoilt
    return data[_LENGTH.size : end], data[end:]


def _is_deep(answer: bytes, most: int) -> bool:
    """Say whether JSON text is nested deeper than so many levels, the list of items included."""
    brackets = _TEXTS.sub(b"", answer).translate(_ALIKE, _NO_BRACKETS)
    for _ in range(most):
        fewer = brackets.replace(b"[]", b"")  # All of one kind, so that this is one level.
        if fewer == brackets:
            return False  # Nothing is left, or brackets that do not match: that is no JSON.
        brackets = fewer
    return brackets != b""


def _read_answer(
    answer: bytes, sentences: dict[str, tuple[Outcome, str]], most_bytes: int
) -> _Verdict:
    """Read what a job process said; it may say anything, so nothing in it is believed."""
    kind, text = answer[:1], answer[1:]
    if len(text) > most_bytes:
        return _failed(*sentences["output"])
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return _failed(Outcome.USER_ERROR, "The result is not JSON that can be read back.")
    if kind == b"V":
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return Outcome.OK, text, None
        return _failed(Outcome.USER_ERROR, "The result is not a list of objects.")
    if kind != b"E" or not isinstance(value, dict):
        return _failed(Outcome.USER_ERROR, _FOREIGN)
    if value.get("kind") in ("memory", "processes"):
        outcome, sentence = sentences[value["kind"]]
        return outcome, None, _error(value, default=sentence, prefer_default=True)
    return Outcome.USER_ERROR, None, _error(value, default="The code failed.")


def _error(value: dict[str, object], *, default: str, prefer_default: bool = False) -> RunError:
    def text(name: str) -> str:
        found = value.get(name)
        return found[:_LONGEST_TEXT] if isinstance(found, str) else ""

    line = value.get("line")
    return RunError(
        message=default if prefer_default else text("message") or text("type") or default,
        type=text("type"),
        line=line if isinstance(line, int) and not isinstance(line, bool) else None,
        traceback=text("traceback"),
    )
