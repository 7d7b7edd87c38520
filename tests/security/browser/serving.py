"""A gateway whose authors may say anything: only the edge stands between them and the app.

``python -m tests.security.browser.serving sealed`` keeps the edge as it is; ``bare`` takes its
protection away as well, so that the attacks can be seen to work.
"""

from __future__ import annotations

import sys

from functions.http.hooks import answer_content, hook_seal
from functions.http.people import cookies
from layers.media import answer_params
from layers.media.answer_headers import pairs
from layers.settings import load_settings
from local_emulator.parts.gateway import serve
from local_emulator.parts.schema import migrate
from local_emulator.sockets import listen


def let_authors_say_anything() -> None:
    """Take away what checks headers when they are saved, computed and put together."""
    answer_params.refuse = lambda _mistakes: None
    answer_content.sendable = pairs
    answer_content.limited = lambda value, _first: value


def take_the_edge_away() -> None:
    """Send what workflows answer as it is, on an origin that protects nothing of its own."""
    hook_seal.sealed = lambda headers, _always, _status, **_rest: list(headers)
    hook_seal.wants_code = lambda _scope: False
    cookies.PRIORITY = ""


def main() -> None:
    """Serve at the ports of the settings until SIGTERM."""
    let_authors_say_anything()
    if sys.argv[1] == "bare":
        take_the_edge_away()
    settings = load_settings()
    migrate(settings)
    server = settings.server
    ports = [server.port, *([] if server.hooks_port is None else [server.hooks_port])]
    serve(settings, [listen(server.host, port) for port in ports])


if __name__ == "__main__":
    main()
