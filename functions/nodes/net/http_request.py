"""The node ``http_request``: calls a web service, once for each item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

from functions.nodes.http_answer import failure
from functions.nodes.http_body import (
    BodyType,
    encode_body,
    header_values,
    with_query,
)
from functions.nodes.http_next_page import Way, changed, first_page, next_page
from functions.nodes.http_pages import Pagination, elements, origin
from functions.nodes.http_reading import ResponseType, beside
from functions.nodes.http_received import Received, Receiver
from functions.nodes.http_upload import file_body, multipart_body
from layers.contract import (
    Accepts,
    Context,
    Cookies,
    Effect,
    FileRef,
    HttpRequest,
    HttpResponse,
    Item,
    Json,
    Node,
    NodeError,
    Outputs,
    Parameter,
    Params,
    Sample,
    Slot,
    StreamedBody,
    Template,
    Widget,
    only,
)
from layers.credentials.together import Together, authentications
from layers.media.types import charset_of

SLOTS = (
    Slot("account", title="Credential", accepts=Accepts.SIGNING),
    Slot(
        "second",
        title="Second credential",
        description="Added as well: a gateway's key beside a user's token, or a signature.",
        accepts=Accepts.SIGNING,
    ),
)
OPTIONS = "Options"
"""The collection of what most requests do without."""
TITLES = {slot.name: slot.title for slot in SLOTS}


class HttpRequestParams(Params):
    """The request, how to read the answer, and how to go through pages."""

    method: Template[str] = Parameter(
        default="GET",
        validate_default=True,
        title="Method",
        description="The HTTP method.",
        examples=["POST"],
        suggestions=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
    )
    url: Template[str] = Parameter(
        title="URL",
        description="Where to; http or https.",
        examples=["https://api.example.com/orders/{{ item.id }}"],
    )
    headers: Template[dict[str, Any]] = Parameter(
        default={},
        validate_default=True,
        title="Headers",
        description="Sent as well; null leaves one out. Secrets belong into a credential.",
        examples=[{"Accept-Language": "de"}],
        widget=Widget.KEYVALUE,
    )
    query: Template[dict[str, Any]] = Parameter(
        default={},
        validate_default=True,
        title="Query parameters",
        description="Added to the URL; a list gives a parameter several times.",
        examples=[{"page_size": 50}],
        widget=Widget.KEYVALUE,
    )
    body: Template[Any] = Parameter(
        default=None,
        validate_default=True,
        title="Body",
        description=(
            "A text is sent as it is, everything else as JSON; null sends none. A file of the item "
            'stands in a multipart body as {"file": "its name"}.'
        ),
        examples=[{"name": "{{ item.name }}"}],
        widget=Widget.TEXTAREA,
    )
    body_type: BodyType = Parameter(
        default="auto",
        title="Body as",
        description=(
            "json takes JSON text or a value, form an object of fields, multipart an object of "
            "fields and files, file the name of a file of the item (null: its only one), raw a "
            "text. Texts go out in the charset that a Content-Type among the headers names."
        ),
        widget=Widget.SELECT,
    )
    response: ResponseType = Parameter(
        default="auto",
        title="Read the answer as",
        description=(
            "auto goes by the media type; binary keeps the body as a file beside the item, whose "
            "'body' is then null."
        ),
        widget=Widget.SELECT,
        collection=OPTIONS,
    )
    timeout_s: Template[Annotated[float, Field(gt=0, le=900)]] = Parameter(
        default=30,
        validate_default=True,
        title="Time limit (s)",
        description="For one whole request, redirects and body included; up to 900 seconds.",
        collection=OPTIONS,
    )
    fail_on_status: bool = Parameter(
        default=True,
        title="Fail on an error status",
        description="Off: an answer of 400 or more is an item like any other.",
        collection=OPTIONS,
    )
    follow_redirects: int = Parameter(
        default=5,
        ge=0,
        le=20,
        title="Redirects to follow",
        description="0 gives the redirect itself as the answer.",
        collection=OPTIONS,
    )
    verify_tls: bool = Parameter(
        default=True,
        title="Check certificates",
        description="Off: anyone on the way can read and change what is sent. For tests only.",
        collection=OPTIONS,
    )
    max_response_mb: float = Parameter(
        default=16,
        gt=0,
        le=100_000,
        title="Largest answer (MB)",
        description=(
            "A larger answer is an error. Files may be of any size; a value has at most 256 MB."
        ),
        collection=OPTIONS,
    )
    concurrency: int = Parameter(
        default=5,
        ge=1,
        le=50,
        title="At once",
        description="How many items' requests may run at the same time; the order stays.",
        collection=OPTIONS,
    )
    pagination: Pagination = Parameter(
        default=Pagination(),
        title="Pages",
        description="How to get further pages, if the answer comes in several.",
        collection=OPTIONS,
    )


@dataclass(frozen=True)
class _Step:
    """What all requests of one step share."""

    params: HttpRequestParams
    ctx: Context
    auth: Together

    async def request(self, item: Item, index: int) -> HttpRequest:
        """The request for one item, its first page where there are several."""
        params, evaluate = self.params, self.ctx.evaluate
        url = evaluate(params.url, index).strip()
        _check_url(url)
        query = evaluate(params.query, index)
        given = evaluate(params.headers, index)
        headers = header_values(given)
        body, kind = await self.body(evaluate(params.body, index), item, headers)
        _default(headers, "Idempotency-Key", self.ctx.item_key(index))
        if kind is not None:
            _default(headers, "Content-Type", kind)
        request = HttpRequest(
            method=evaluate(params.method, index).strip().upper(),
            url=with_query(url, query),
            headers=headers,
            body=body,
            timeout_s=evaluate(params.timeout_s, index),
            follow_redirects=params.follow_redirects,
            max_response_bytes=int(params.max_response_mb * 1_000_000),
            verify_tls=params.verify_tls,
            cookies=Cookies(),
        )
        return first_page(params.pagination, request)

    async def body(
        self, value: Json, item: Item, headers: dict[str, str]
    ) -> tuple[bytes | StreamedBody | None, str | None]:
        """What to send and their media type, for a request with these headers."""
        match self.params.body_type:
            case "multipart":
                body, kind = await multipart_body(value, item, self.ctx.files)
                # The boundary is ours, and no other type would say it.
                _take(headers, "Content-Type")
                return body, kind
            case "file":
                return await file_body(value, item, self.ctx.files)
            case kind:
                named = next((v for n, v in headers.items() if n.lower() == "content-type"), "")
                return encode_body(value, kind, charset_of(named))

    async def send(self, request: HttpRequest) -> Received:
        """Send with the credential, which goes nowhere but to the hosts that may get it."""
        signed = self.auth.signed(request, self.ctx.now)
        receiver = Receiver(self.params.response, self.ctx.files, self.auth.masker, self.auth.hide)
        async with self.ctx.http.stream(signed) as answer:
            return await receiver.receive(answer, self.check)

    def check(self, response: HttpResponse) -> None:
        """Raise NodeError where the answer is a failure."""
        if self.params.fail_on_status and response.status >= 400:
            raise failure(response, self.ctx.now, self.auth.hide)

    async def shown(self, received: Received) -> Json | FileRef:
        """The body of an answer, without the credential's secrets."""
        masker, value = self.auth.masker, received.value
        if not masker or isinstance(value, FileRef):
            return value
        return await beside(len(received.response.body), lambda: masker.json(value))

    def headers(self, response: HttpResponse) -> dict[str, Json]:
        """The headers of an answer, without the credential's secrets."""
        hide = self.auth.hide
        return {hide(name): hide(value) for name, value in response.headers.items()}

    def may_go_on_to(self, url: str, first: str) -> None:
        """Raise NodeError unless the next page's URL may be asked for."""
        is_open = url.lower().startswith("http:") and first.lower().startswith("https:")
        if origin(url) != origin(first) and (is_open or not self.auth.names(url)):
            raise NodeError(
                f"The next page is at another place ({urlsplit(url).hostname}), and what is sent "
                "is not meant for it. Add that host to the credential's allowed hosts; from https "
                "no page leads to http.",
                kind="pagination",
            )


async def run_item(params: HttpRequestParams, item: Item, index: int, ctx: Context) -> Outputs:
    """Send the request for one item and give the answer, of all pages if there are several."""
    step = _Step(params, ctx, await authentications(ctx, TITLES))
    try:
        return only(await _answers(step, await step.request(item, index), index))
    except NodeError as error:
        raise step.auth.hidden(error) from error.__cause__


async def _answers(step: _Step, request: HttpRequest, index: int) -> list[Item]:
    """The items of all pages; without pagination there is one page."""
    paging = step.params.pagination
    way, made = Way(), list[Item]()
    following: HttpRequest | None = request
    number = 0
    while following is not None:
        if number == paging.max_pages:
            step.ctx.log(f"Stopped after {number} pages; there are more ('max_pages').")
            break
        page = _keyed(following, request, number)
        try:
            step.may_go_on_to(page.url, request.url)
            way.go(page)
            items, following = await _page(step, page, number, index)
        except NodeError as error:
            if not number:
                raise
            _tell_how_far(error, number, len(made))
            if paging.if_page_fails == "fail" or step.ctx.will_retry(error):
                raise
            step.auth.hidden(error)
            step.ctx.log(error.message)
            told = {"message": error.message, "kind": error.kind, **error.detail}
            return [*made, Item({"error": told})]
        made += items
        number += 1
    return made


async def _page(
    step: _Step, page: HttpRequest, number: int, index: int
) -> tuple[list[Item], HttpRequest | None]:
    """The items of one page, and the request for the next one, if there is one."""
    paging = step.params.pagination
    received = await step.send(page)
    response = received.response
    shown = await step.shown(received)
    if paging.mode == "none" or paging.items_path is None:
        items = [_whole(step, response, shown)]
    else:
        found = elements(paging, shown, number)
        items = [Item(one) if isinstance(one, dict) else Item({"value": one}) for one in found]
    if paging.mode == "none":
        return items, None
    # Expressions see what the item shows: they are no way to find a secret out.
    seen = {"status": response.status, "headers": step.headers(response)}
    names = {
        "response": {**seen, "body": None if isinstance(shown, FileRef) else shown},
        "page": number + 1,
    }
    if paging.end_when is not None and step.ctx.evaluate(paging.end_when, index, names):
        return items, None
    if paging.mode == "expression":
        changes = step.ctx.evaluate(paging.next_request, index, names)
        return items, changed(page, changes, response.url, step.params.body_type)
    # As it came, secrets and all: the mark of the next page goes back so.
    return items, next_page(paging, page, response, received.value, number)


def _keyed(following: HttpRequest, first: HttpRequest, number: int) -> HttpRequest:
    """A further page's request: a key of its own, lest the first page be replayed."""
    if not number:
        return first
    key = next((v for n, v in first.headers.items() if n.lower() == "idempotency-key"), "")
    headers = {
        name: f"{key}:page-{number + 1}" if name.lower() == "idempotency-key" else value
        for name, value in following.headers.items()
    }
    return replace(following, headers=headers)


def _tell_how_far(error: NodeError, pages: int, items: int) -> None:
    """Say in the error of a later page what the pages before it gave."""
    error.message = f"Page {pages + 1}: {error.message} The {pages} before gave {items} items."
    error.args = (error.message,)
    error.detail = {**error.detail, "page": pages + 1, "items_before": items}


def _whole(step: _Step, response: HttpResponse, body: Json | FileRef) -> Item:
    """The answer as one item; a file goes beside it."""
    item = Item(status=response.status, headers=step.headers(response), body=body)
    if response.set_cookies:
        item["set_cookies"] = [step.auth.hide(value) for value in response.set_cookies]
    if isinstance(body, FileRef):
        item["body"] = None
        item.files = (body,)
    return item


def _check_url(url: str) -> None:
    try:
        urlsplit(url)
    except ValueError as error:
        raise NodeError(f"The URL is not valid: {error}.", kind="invalid_url") from error


def _take(headers: dict[str, str], name: str) -> None:
    for given in [one for one in headers if one.lower() == name.lower()]:
        del headers[given]


def _default(headers: dict[str, str], name: str, value: str) -> None:
    if all(given.lower() != name.lower() for given in headers):
        headers[name] = value


node = Node(
    type="http_request",
    title="HTTP request",
    category="Network",
    summary="Calls a web service once for each item and gives its answers.",
    icon="globe",
    params=HttpRequestParams,
    run_item=run_item,
    at_once=lambda params: params.concurrency,
    effect=Effect.KEYED,
    credentials=SLOTS,
    sample=Sample(
        params={
            "method": "POST",
            "url": "https://api.example.com/orders",
            "body": {"id": "{{ item.id }}"},
        },
        items=[{"id": 7}],
        alone=False,
    ),
)
