"""What the audit log keeps of a run: what was asked for, what was granted, how it ended."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from layers.packages.lockfile import digest_of
from layers.sandbox.port import Outcome, SandboxRequest, SandboxResult

ACTION = "python.run"
DIGITS = 3


def trace(request: SandboxRequest, ended: SandboxResult | Outcome) -> dict[str, Any]:
    """Describe a run that ended, or of which only the outcome is known; the code as a digest."""
    result = ended if isinstance(ended, SandboxResult) else None
    usage = result.usage if result else {}
    network = request.network if request.network == "none" else list(request.network)
    return {
        "run_id": request.run_id,
        "outcome": str(result.outcome if result else ended),
        "code_sha256": hashlib.sha256(request.code.encode("utf-8", "surrogatepass")).hexdigest(),
        "lock_sha256": digest_of(request.lock) if request.lock else None,
        "mode": request.mode,
        "requirements": list(request.requirements),
        "network": network,
        "limits_requested": {k: v for k, v in asdict(request.limits).items() if v is not None},
        "limits_effective": dict(result.limits) if result else {},
        "duration_ms": _rounded(result.duration_ms) if result else None,
        "cpu_s": _rounded(usage.get("cpu_s")),
        "max_memory_mb": _rounded(usage.get("max_memory_mb")),
        "hosts_contacted": [
            {name: one[name] for name in ("host", "port", "bytes_in", "bytes_out")}
            for one in (result.hosts if result else ())
            if one["allowed"]
        ],
        "hosts_denied": [
            {name: one[name] for name in ("host", "port", "reason")}
            for one in (result.hosts if result else ())
            if not one["allowed"]
        ],
        "credentials": [one.name for one in request.credentials],
        "files_in": len(request.files or ()),
        "files_out": len(result.files) if result else 0,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
