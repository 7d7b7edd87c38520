"""What the HTTP library's errors mean to a workflow's author."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import aiohttp
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from layers.contract import NodeError
from layers.outbound.answer_headers import LONGEST_HEADER, MOST_HEADERS
from layers.outbound.gate import AddressRefused
from layers.outbound.policy import refusal

E = TypeVar("E", bound=BaseException)


@contextmanager
def translated(host: str) -> Iterator[None]:
    """Raise the HTTP library's errors as NodeError; a TimeoutError is left to who set the time."""
    try:
        yield
    except TimeoutError:
        raise
    except (aiohttp.ClientError, OSError, ValueError) as error:
        raise translate(error, host) from error


def translate(error: Exception, host: str) -> NodeError:
    """Make the NodeError; ``retry`` is set where the cause may pass."""
    ours = _cause(error, NodeError)
    if ours is not None:
        # What was to be sent could not be read: the other side is not to blame.
        return ours
    refused = _cause(error, AddressRefused)
    if refused is not None:
        return refusal(refused.host, refused.reason)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _tls(f"The certificate of '{host}' is not valid: {_verify_message(error)}.")
    if isinstance(error, aiohttp.ClientSSLError) or _cause(error, ssl.SSLError) is not None:
        return _tls(f"No encrypted connection to '{host}' could be made.")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return _unknown(host, error.os_error)
    if isinstance(error, aiohttp.ClientPayloadError):
        return _broken(f"'{host}' broke off in the middle of its answer.")
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return _broken(f"'{host}' closed the connection without an answer.")
    if isinstance(error, OSError):
        # Not ``strerror``, into which asyncio writes the address.
        reason = f": {os.strerror(error.errno)}." if error.errno else "."
        return _broken(f"No connection to '{host}'{reason}")
    if isinstance(error, (aiohttp.InvalidURL, ValueError)):
        return NodeError("The request cannot be sent as it is.", kind="invalid_request")
    return NodeError(f"'{host}' gave {_malformed(error)}.", kind="invalid_response")


def too_slow(host: str, timeout_s: float) -> NodeError:
    """The error for a request that did not end in its time."""
    return NodeError(
        f"'{host}' did not answer within {timeout_s:g} s. Raise 'timeout_s' if it needs longer.",
        kind="timeout",
        retry=True,
    )


def too_large(host: str, limit: int) -> NodeError:
    """The error for an answer past the size limit, unpacked."""
    return NodeError(
        f"The answer of '{host}' is larger than {limit / 1_000_000:g} MB. Ask for less at a time, "
        "or raise the limit.",
        kind="response_too_large",
    )


def too_many_redirects(host: str, limit: int) -> NodeError:
    """The error for one redirect more than may be followed."""
    return NodeError(
        f"More than {limit} redirects, the last one from '{host}'.", kind="too_many_redirects"
    )


def undecodable(host: str) -> NodeError:
    """The error for a body that is not in the encoding that its header names."""
    return NodeError(
        f"The answer of '{host}' is not encoded as it says (Content-Encoding).",
        kind="invalid_response",
    )


def unknown_coding(host: str, reason: str) -> NodeError:
    """The error for a body in an encoding that was not asked for."""
    return NodeError(
        f"The answer of '{host}' cannot be unpacked (Content-Encoding): {reason}.",
        kind="invalid_response",
    )


def cut_short(host: str) -> NodeError:
    """The error for an encoded body that ends too early."""
    return _broken(f"'{host}' broke off in the middle of its answer.")


def _cause(error: BaseException | None, kind: type[E]) -> E | None:
    while error is not None:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def _unknown(host: str, error: OSError) -> NodeError:
    passing = error.errno == socket.EAI_AGAIN
    more = "the name service does not answer" if passing else "there is no host of that name"
    return NodeError(f"'{host}' was not found: {more}.", kind="dns", retry=passing)


def _malformed(error: Exception) -> str:
    """What is wrong with an answer that the HTTP library did not take."""
    if _cause(error, LineTooLong) is not None:
        size = f"{LONGEST_HEADER // 1024} KB"
        return f"an answer in which a header, or the status line, is longer than {size}"
    cause = _cause(error, BadHttpMessage)
    if cause is not None and "Too many headers" in str(cause):
        return f"an answer with more than {MOST_HEADERS} headers"
    return "an answer that is not HTTP"


def _verify_message(error: aiohttp.ClientConnectorCertificateError) -> str:
    return getattr(error.certificate_error, "verify_message", "") or "it was refused"


def _tls(message: str) -> NodeError:
    return NodeError(message, kind="tls")


def _broken(message: str) -> NodeError:
    return NodeError(message, kind="connection", retry=True)
