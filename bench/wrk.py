"""The other load driver: wrk, where it is installed, for comparing with figures taken by it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from bench.driver import HEAD_END, Sample, Target

SCRIPT = """
request = function() return BYTES end
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\\nJSON {"answered":%d,"seconds":%f,"p50":%f,"p95":%f,"p99":%f,'
    .. '"failures":%d}\\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    e.status + e.connect + e.read + e.write + e.timeout))
end
"""


def drive(target: Target, connections: int, seconds: float) -> Sample:
    """Load the target with wrk's one thread. It hangs up at the end without waiting for answers."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(SCRIPT.replace("BYTES", _lua_text(target.request)))
        command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
        command += ["-s", str(script), f"http://{target.host}:{target.port}/"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.split("\nJSON ", 1)[1])
    return Sample(
        answered=found["answered"] - found["failures"],
        failures=found["failures"],
        seconds=found["seconds"],
        p50_ms=found["p50"],
        p95_ms=found["p95"],
        p99_ms=found["p99"],
        first_failure="wrk does not say what failed" if found["failures"] else "",
        abandoned=connections,
    )


def _lua_text(request: bytes) -> str:
    assert HEAD_END in request
    return '"' + "".join(f"\\{byte:03d}" for byte in request) + '"'
