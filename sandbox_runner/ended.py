"""How a run ends: what the guest says of it, frame by frame, believed only as far as it can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from layers import jsontext
from sandbox_runner.channel import Channel, Spoilt
from sandbox_runner.order import Order

OnLog = Callable[[str, bytes], None]

# How a run can have ended by the guest's word; what else there is, is seen from outside.
_GUEST_SAYS = ("answer", "exit", "timeout", "files", "flood", "output")
_STREAMS = {b"O": "stdout", b"E": "stderr"}


@dataclass
class Ended:
    """How a run ended, in the guest's words and in what the outside saw."""

    why: str
    answer: bytes = b""
    logs: list[tuple[str, bytearray]] = field(default_factory=list)
    cut: bool = False
    signal: int | None = None
    code: int | None = None
    seconds: float = 0.0
    cpu_s: float | None = None
    peak_memory_mb: float | None = None
    hosts: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, stream: str, payload: bytes) -> None:
        """Keep what was printed, with what came before by the same stream."""
        if self.logs and self.logs[-1][0] == stream:
            self.logs[-1][1].extend(payload)
        else:
            self.logs.append((stream, bytearray(payload)))

    def read_end(self, payload: bytes) -> None:
        """Read the guest's last frame; raises Spoilt where no healthy one writes such."""
        try:
            end = jsontext.loads(payload)
            why, self.cut = end["why"], bool(end["cut"])
            self.signal, self.code = end["signal"], end["code"]
        except (jsontext.InvalidJson, TypeError, KeyError) as error:
            raise Spoilt("the sandbox's last frame is not readable") from error
        numbers = [one for one in (self.signal, self.code) if one is not None]
        if why not in _GUEST_SAYS or any(type(one) is not int for one in numbers):
            self.signal = self.code = None
            raise Spoilt(f"the sandbox said that the run ended by {str(why)[:40]!r}")
        self.why = why


async def collect(
    pipe: Channel,
    order: Order,
    ended: Ended,
    on_log: OnLog | None,
    break_off: Callable[[str], None],
) -> None:
    """Read the frames of a run to its end; raises Gone.

    ``break_off`` is called with the reason where more comes than the order allows.
    """
    answer = bytearray()
    logged = 0
    while True:
        tag, payload = await pipe.frame()
        if tag == b"V":
            answer += payload
            if len(answer) > order.most_answer_bytes:
                break_off("output")
        elif tag in _STREAMS:
            logged += len(payload)
            if logged > order.limits.log_bytes:
                break_off("flood")
                continue
            if on_log is not None:
                on_log(_STREAMS[tag], payload)
            ended.hear(_STREAMS[tag], payload)
        elif tag == b"X":
            ended.read_end(payload)
            ended.answer = bytes(answer)
            return
        else:
            raise Spoilt(f"the sandbox said {tag!r} during a run")
