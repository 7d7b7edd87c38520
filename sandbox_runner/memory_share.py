"""How much memory a sandbox may have in a run, and may still hold between two."""

from __future__ import annotations

from sandbox_runner.kinds import Kind
from sandbox_runner.order import Order

# What a sandbox needs beside the job: its kernel, the file server, the zygote, a standby process.
OVERHEAD_MB = 96
# What it may hold between runs: more, and an earlier run's memory would be a later one's want.
_MOST_HELD_MB = 88
_MOST_HELD_WARM_MB = 512
_SLACK_MB = 48
# Limits follow what is held in steps, since to set them takes longer than to leave them.
_STEP_MB = 32
# Some processes that have imported their packages wait for their runs.
_MOST_HELD_LAYER_MB, _LAYER_MB = 1024, 256


def most_held_mb(kind: Kind, *, warm: bool) -> int:
    """What may be held between runs; ``warm`` ones have something imported."""
    if kind.binds:
        return _MOST_HELD_LAYER_MB
    return _MOST_HELD_WARM_MB if warm else _MOST_HELD_MB


def limit_mb(kind: Kind, order: Order, held_mb: float) -> int:
    """What the whole sandbox may use during a run, of which it holds ``held_mb`` already."""
    limits = order.limits
    files_mb = 2 * (len(order.content) >> 20)
    if order.files is not None:
        files_mb += limits.file_bytes >> 20
    held = -(-int(held_mb) // _STEP_MB) * _STEP_MB
    overhead = max(OVERHEAD_MB, held + _SLACK_MB)
    if kind.binds:
        overhead += _LAYER_MB
    return limits.memory_mb + limits.tmp_mb + files_mb + overhead
