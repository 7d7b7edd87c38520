"""The origin that webhooks and callbacks have to themselves, where the operator gave them one."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

from layers.settings import ServerSettings
from layers.settings.hooks import DEFAULT_PORTS


class HooksOrigin:
    """Tells requests to that origin from those to the app.

    They differ by the host that the browser names or, on the same host, by its port; whatever
    comes in at a port that is the webhooks' own is for them, however it is addressed.
    """

    def __init__(self, server: ServerSettings) -> None:
        """``server`` has ``own_hooks_url``."""
        hooks, app = urlsplit(server.own_hooks_url), urlsplit(server.public_url)
        self.https = hooks.scheme == "https"
        self._port = server.hooks_port
        self._name = (hooks.hostname or "").encode()
        self._by_name = hooks.hostname != app.hostname
        usual = DEFAULT_PORTS[hooks.scheme]
        self.has_own_host = self._by_name
        """Cookies know no ports, so only another host keeps them from the app."""
        self._service = str(hooks.port or usual).encode()
        self._usual = str(usual).encode()

    def is_meant(self, scope: Scope) -> bool:
        """Whether this request is addressed to the webhooks' origin."""
        if self._port is not None and (scope.get("server") or ("", None))[1] == self._port:
            return True
        host = next((value for name, value in scope["headers"] if name == b"host"), b"")
        name, port = _taken_apart(host.strip().lower())
        if name != self._name:
            return False
        return self._by_name or (port or self._usual) == self._service

    @classmethod
    def of(cls, server: ServerSettings) -> HooksOrigin | None:
        """The origin in the settings; None where webhooks share the app's."""
        return cls(server) if server.own_hooks_url else None


def _taken_apart(host: bytes) -> tuple[bytes, bytes]:
    """Name and port of a Host header (RFC 9110 section 7.2), brackets and last dot left out."""
    if host.startswith(b"["):
        name, _bracket, rest = host[1:].partition(b"]")
        return name, rest.removeprefix(b":")
    name, _colon, port = host.partition(b":")
    return name.removesuffix(b"."), port
