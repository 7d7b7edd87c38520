"""Running a user's Python code in a sandbox: the port, the client of the runner, and the fake."""

from layers.sandbox.client import RunnerClient
from layers.sandbox.memory import ScriptedSandbox
from layers.sandbox.port import (
    Outcome,
    Sandbox,
    SandboxError,
    SandboxLimits,
    SandboxRequest,
    SandboxResult,
    SandboxUnavailable,
)

__all__ = [
    "Outcome",
    "RunnerClient",
    "Sandbox",
    "SandboxError",
    "SandboxLimits",
    "SandboxRequest",
    "SandboxResult",
    "SandboxUnavailable",
    "ScriptedSandbox",
]
