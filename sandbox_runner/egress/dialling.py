"""Connects to a host: looks its name up once, checks every address, dials the checked one."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from layers.outbound.addresses import Address, literal, special_use
from layers.outbound.policy import AddressPolicy

Lookup = Callable[[str, int], Sequence[str]]
"""Returns a host's addresses, blocking; raises OSError if there is none."""
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_LOOKUP_THREADS = 8
_LOOKUP_S = 10.0
_CONNECT_S = 10.0
_MOST_TRIED = 4


class Unreachable(Exception):
    """No connection could be made; the text says why and names no address."""


class Refused(Exception):
    """The destination may not be reached; the text says why and names no address."""


def system_lookup(host: str, port: int) -> list[str]:
    """Ask the machine's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Dialler:
    """Makes the connections of all runs."""

    def __init__(self, addresses: AddressPolicy, lookup: Lookup = system_lookup) -> None:
        self._addresses = addresses
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(_LOOKUP_THREADS, thread_name_prefix="lookup")
        self._tls: ssl.SSLContext | None = None

    async def dial(self, host: str, port: int, *, tls: bool = False) -> Streams:
        """Connect to a host in its usual spelling; raises Refused or Unreachable."""
        reason = "it cannot be reached"
        for address in await self._allowed(host, port):
            try:
                # The address that was checked, not the name: a second look-up could differ.
                async with asyncio.timeout(_CONNECT_S):
                    return await asyncio.open_connection(
                        str(address),
                        port,
                        ssl=self._context() if tls else None,
                        server_hostname=host if tls else None,
                    )
            except ssl.SSLCertVerificationError as error:
                reason = f"its certificate is not valid: {error.verify_message}"
            except TimeoutError:
                reason = f"it did not answer within {_CONNECT_S:g} s"
            except OSError as error:
                reason = error.strerror or type(error).__name__
        raise Unreachable(reason)

    def close(self) -> None:
        """Stop the threads that look names up."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _allowed(self, host: str, port: int) -> list[Address]:
        found = literal(host)
        addresses = [found] if found is not None else await self._look_up(host, port)
        allowed = [a for a in addresses if self._addresses.permits(host, port, a)]
        if not allowed:
            raise Refused(special_use(addresses[0]) or "not allowed")
        return allowed[:_MOST_TRIED]

    async def _look_up(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_LOOKUP_S):
                texts = await loop.run_in_executor(self._threads, self._lookup, host, port)
        except TimeoutError:
            raise Unreachable("its name could not be looked up in time") from None
        except (OSError, UnicodeError) as error:
            raise Unreachable("its name is not known") from error
        if not texts:
            raise Unreachable("its name has no address")
        return [ip_address(text.partition("%")[0]) for text in texts]

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls
