"""The root of the sandbox runner: builds its parts and serves until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from types import FrameType

import uvicorn
import uvloop

from layers import log, private_files
from layers.errors import SetupError
from layers.settings.runner import RunnerSettings, from_environment
from sandbox_runner import janitor
from sandbox_runner.endpoints import make_app
from sandbox_runner.service import Service


class _Server(uvicorn.Server):
    """A server that ends its runs first, so that no caller keeps it waiting."""

    stopping: asyncio.Event

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note the signal; the runs are ended by whoever waits for the event."""
        super().handle_exit(sig, frame)
        # Asked to stop and stopped: that is success, not a death by signal.
        self._captured_signals.clear()
        asyncio.get_running_loop().call_soon_threadsafe(self.stopping.set)


def serve(settings: RunnerSettings) -> None:
    """Run the sandbox runner until SIGTERM or SIGINT; raises SetupError where it cannot start."""
    log.configure()
    private_files.begin()
    private_files.tighten([settings.data / "sandbox"])
    # Held, by its mere existence, until this process ends.
    lock = janitor.lock(settings.data / "sandbox")
    listening = _listen(settings)
    uvloop.run(_serve(settings, listening))
    listening.close()
    del lock


async def _serve(settings: RunnerSettings, listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    service = Service(settings, port)
    config = uvicorn.Config(
        make_app(service, settings.token),
        http="httptools",
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=5,
        # Longer than clients keep theirs, so that none sends into a connection being closed.
        timeout_keep_alive=75,
        proxy_headers=False,
        server_header=False,
        date_header=False,
    )
    server = _Server(config)
    server.stopping = asyncio.Event()
    service.start()

    async def end_runs() -> None:
        await server.stopping.wait()
        await service.stop()

    ending = asyncio.create_task(end_runs())
    sys.stdout.write(f"Sandbox runner listens on http://{settings.host}:{port}\n")
    sys.stdout.flush()
    try:
        await server.serve(sockets=[listening])
    finally:
        server.stopping.set()
        await ending


def _listen(settings: RunnerSettings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # The protocol is named because asyncio turns off Nagle's delay only for sockets that name it.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise SetupError(
            f"The runner cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Set TREADLE_RUNNER_URL to a free port."
        ) from error
    listening.listen(512)
    return listening


def main() -> int:
    """Serve with the environment's settings; the exit code is 2 where the set-up is wrong."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        serve(from_environment())
    except SetupError as error:
        sys.stderr.write(f"{error.detail}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0
