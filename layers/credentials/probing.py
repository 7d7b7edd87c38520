"""Asking a service whether it accepts a credential, as the credential's type says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from layers.contract import CredentialType, HttpClient, HttpRequest, HttpResponse, NodeError, Probe
from layers.credentials.authentication import Authentication, of_credential
from layers.credentials.hosts import host_of

WITHIN_S = 20.0
LONGEST_ANSWER = 1024 * 1024
_FIELD = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


async def ask(
    kind: CredentialType,
    credential: Mapping[str, Any],
    addresses: Mapping[str, str],
    http: HttpClient,
    now: float,
) -> str | None:
    """Say what the service answered; None if its type names nothing to ask.

    ``credential`` is as ``Context.credential`` gives it, ``addresses`` what its provider
    publishes. Raises NodeError where it is not accepted or nobody answers; no secret is in it.
    """
    if kind.probe is None:
        return None
    auth = Authentication() if kind.signing is None else of_credential(credential)
    asking = _Asking(
        fields={name: value for name, value in credential.items() if isinstance(value, str)},
        http=http,
        auth=auth,
        now=now,
    )
    try:
        if isinstance(kind.probe, Probe):
            return await _request(kind.probe, asking, addresses)
        return auth.hide(await kind.probe(asking))
    except NodeError as error:
        raise auth.hidden(error) from error.__cause__


@dataclass(frozen=True)
class _Asking:
    """What a function that tries a credential is handed."""

    fields: Mapping[str, str]
    http: HttpClient
    auth: Authentication
    now: float

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send to an allowed host, signed as the type says."""
        return await self.http.send(self.auth.signed(request, self.now))


async def _request(probe: Probe, asking: _Asking, addresses: Mapping[str, str]) -> str | None:
    known = {**asking.fields, **addresses}
    url = _FIELD.sub(lambda found: known.get(found[1], ""), probe.url)
    if not url:
        return None
    request = HttpRequest(
        probe.method,
        url,
        headers=probe.headers,
        timeout_s=WITHIN_S,
        # Where a redirect leads says nothing of the credential; most lead to a page to sign in.
        follow_redirects=0,
        max_response_bytes=LONGEST_ANSWER,
    )
    status = (await asking.send(request)).status
    host = host_of(url)
    if status in _REFUSALS:
        raise NodeError(f"{host} refused it: it answered {status}.", kind="credential")
    if not 200 <= status < 300:
        raise NodeError(
            f"{host} answered {status}, which does not say that it accepts the credential. Use an"
            " address that answers 2xx where it does.",
            kind="credential",
        )
    return f"{host} accepts it: it answered {status}."
