"""The emulator over HTTP: authentication, idempotency, expansion, and the routes."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local_emulator.providers.stripe import (
    anchors,
    balances,
    cash_balances,
    catalogue,
    charges,
    checkout,
    clocks,
    confirmations,
    credit_notes,
    customer_deletion,
    customers,
    disputes,
    endpoints,
    invoice_calls,
    invoice_items,
    invoice_payments,
    meters,
    payment_intents,
    payment_methods,
    payments,
    portal,
    prorations,
    refunds,
    schedules,
    setup_intents,
    subscriptions,
)
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import read_form
from local_emulator.providers.stripe.pages import page_routes
from local_emulator.providers.stripe.parameters import check_parameters
from local_emulator.providers.stripe.records import Object, outward
from local_emulator.providers.stripe.tax_routes import READ as TAX_READ
from local_emulator.providers.stripe.tax_routes import ROUTES as TAX_ROUTES

Handler = Callable[..., Object]
ID = r"([A-Za-z0-9_]+)"
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "products", catalogue.create_product),
    ("GET", "products", catalogue.list_products),
    ("POST", f"products/{ID}", catalogue.update_product),
    ("POST", "prices", catalogue.create_price),
    ("GET", "prices", catalogue.list_prices),
    ("POST", f"prices/{ID}", catalogue.update_price),
    ("POST", "billing/meters", catalogue.create_meter),
    ("GET", "billing/meters", catalogue.list_meters),
    ("GET", f"billing/meters/{ID}/event_summaries", meters.summarize),
    ("POST", "billing/meter_events", meters.create_meter_event),
    ("POST", "customers", customers.create_customer),
    ("POST", f"customers/{ID}", customers.update_customer),
    ("GET", f"customers/{ID}", customer_deletion.read_customer),
    ("DELETE", f"customers/{ID}", customer_deletion.delete_customer),
    ("POST", f"customers/{ID}/balance_transactions", balances.create_transaction),
    ("GET", f"customers/{ID}/balance_transactions", balances.list_transactions),
    *TAX_ROUTES,
    ("POST", f"customers/{ID}/funding_instructions", cash_balances.funding_instructions),
    ("GET", f"customers/{ID}/cash_balance", cash_balances.cash_balance),
    ("POST", f"test_helpers/customers/{ID}/fund_cash_balance", cash_balances.fund),
    ("GET", "payment_methods", payment_methods.list_methods),
    ("POST", f"payment_methods/{ID}", payment_methods.update_method),
    ("POST", f"payment_methods/{ID}/attach", payment_methods.attach_method),
    ("POST", f"payment_methods/{ID}/detach", payment_methods.detach_method),
    ("POST", "setup_intents", setup_intents.create_setup_intent),
    ("GET", "setup_intents", setup_intents.list_setup_intents),
    ("POST", f"setup_intents/{ID}/confirm", setup_intents.confirm_setup_intent),
    ("POST", "payment_intents", confirmations.create_intent),
    ("GET", "payment_intents", payment_intents.list_intents),
    ("POST", f"payment_intents/{ID}/confirm", confirmations.confirm_intent),
    ("POST", f"payment_intents/{ID}/cancel", payment_intents.cancel_intent),
    ("GET", "charges", charges.list_charges),
    ("GET", "disputes", disputes.list_disputes),
    ("POST", f"disputes/{ID}", disputes.update_dispute),
    ("POST", f"disputes/{ID}/close", disputes.close_dispute),
    ("POST", "subscriptions", subscriptions.create_subscription),
    ("GET", "subscriptions", subscriptions.list_subscriptions),
    ("POST", f"subscriptions/{ID}", subscriptions.update_subscription),
    ("POST", f"subscriptions/{ID}/resume", anchors.resume_subscription),
    ("DELETE", f"subscriptions/{ID}", subscriptions.cancel_subscription),
    ("POST", "subscription_schedules", schedules.create_schedule),
    ("GET", "subscription_schedules", schedules.list_schedules),
    ("POST", f"subscription_schedules/{ID}", schedules.update_schedule),
    ("POST", f"subscription_schedules/{ID}/release", schedules.release_schedule),
    ("POST", f"subscription_schedules/{ID}/cancel", schedules.cancel_schedule),
    ("POST", "invoiceitems", invoice_items.create_item),
    ("GET", "invoiceitems", invoice_items.list_items),
    ("POST", f"invoiceitems/{ID}", invoice_items.update_item),
    ("DELETE", f"invoiceitems/{ID}", invoice_items.delete_item),
    ("POST", "invoices", invoice_calls.create_invoice),
    ("GET", "invoices", invoice_calls.list_invoices),
    ("GET", "credit_notes", credit_notes.list_credit_notes),
    ("POST", "invoices/create_preview", prorations.preview),
    ("POST", f"invoices/{ID}/pay", payments.pay_by_hand),
    ("POST", f"invoices/{ID}/void", invoice_calls.void_invoice),
    ("POST", f"invoices/{ID}/finalize", invoice_calls.finalize_invoice),
    ("POST", f"invoices/{ID}/send", invoice_calls.send_invoice),
    ("POST", f"invoices/{ID}/mark_uncollectible", invoice_calls.mark_uncollectible),
    ("GET", f"invoices/{ID}/lines", invoice_calls.list_lines),
    ("POST", f"invoices/{ID}", invoice_calls.update_invoice),
    ("DELETE", f"invoices/{ID}", invoice_calls.delete_invoice),
    ("GET", "invoice_payments", invoice_payments.list_payments),
    ("POST", "refunds", refunds.create_refund),
    ("GET", "refunds", refunds.list_refunds),
    ("POST", f"refunds/{ID}", refunds.update_refund),
    ("POST", "credit_notes", credit_notes.create_credit_note),
    ("POST", f"credit_notes/{ID}", credit_notes.update_credit_note),
    ("POST", f"credit_notes/{ID}/void", credit_notes.void_credit_note),
    ("GET", f"credit_notes/{ID}/lines", credit_notes.list_lines),
    ("POST", "checkout/sessions", checkout.create_session),
    ("GET", "checkout/sessions", checkout.list_sessions),
    ("POST", f"checkout/sessions/{ID}/expire", checkout.expire),
    ("POST", "billing_portal/sessions", portal.create_portal),
    ("POST", "webhook_endpoints", endpoints.create_endpoint),
    ("GET", "events", endpoints.list_events),
    ("POST", "test_helpers/test_clocks", clocks.create_clock),
    ("POST", f"test_helpers/test_clocks/{ID}/advance", clocks.advance_clock),
)
READ = {
    "products": "product",
    "prices": "price",
    "payment_methods": "payment_method",
    "setup_intents": "setup_intent",
    "subscriptions": "subscription",
    "invoices": "invoice",
    "invoiceitems": "invoiceitem",
    "subscription_schedules": "subscription_schedule",
    "payment_intents": "payment_intent",
    "charges": "charge",
    "disputes": "dispute",
    "refunds": "refund",
    "credit_notes": "credit_note",
    "checkout/sessions": "checkout.session",
    "billing/meters": "billing.meter",
    "events": "event",
    "webhook_endpoints": "webhook_endpoint",
    "test_helpers/test_clocks": "test_helpers.test_clock",
    **TAX_READ,
}
"""What is read by its id, and of which kind it is."""
_COMPILED = tuple((method, re.compile(path), handler) for method, path, handler in ROUTES)


def make_app(stripe: StripeEmulator) -> Starlette:
    """The emulator as an ASGI app."""

    async def api(request: Request) -> Response:
        return await _api(stripe, request)

    async def healthy(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/v1/{path:path}", api, methods=["GET", "POST", "DELETE"]),
            *page_routes(stripe),
            Route("/healthz", healthy, methods=["GET"]),
        ]
    )


async def _api(stripe: StripeEmulator, request: Request) -> Response:
    if not _has_key(stripe, request):
        failure = StripeFailure("Invalid API Key provided.", status=401)
        return JSONResponse(failure.body, 401)
    method, path = request.method, request.path_params["path"]
    text = (await request.body()).decode() if method == "POST" else request.url.query
    headers = {"request-id": stripe.records.new_id("req")}
    key = request.headers.get("idempotency-key") if method == "POST" else None
    if key is None:
        status, body = _answer(stripe, method, path, read_form(text))
    else:
        made, now = f"{method} {path} {text}", stripe.clock()
        try:
            former = stripe.idempotency.recall(key, made, now)
        except StripeFailure as failure:
            return JSONResponse(failure.body, failure.status, headers)
        if former is not None:
            return JSONResponse(former[1], former[0], headers | {"idempotent-replayed": "true"})
        status, body = _answer(stripe, method, path, read_form(text))
        stripe.idempotency.keep(key, made, now, (status, body))
    if method != "GET":
        stripe.changed()
    return JSONResponse(body, status, headers)


def _answer(
    stripe: StripeEmulator, method: str, path: str, params: Object
) -> tuple[int, dict[str, Any]]:
    try:
        check_parameters(method, path.strip("/"), params)
        expand = params.pop("expand", None) or []
        found = _called(stripe, method, path.strip("/"), params)
    except StripeFailure as failure:
        return failure.status, failure.body
    return 200, outward(stripe.records.expanded(found, expand))


def _called(stripe: StripeEmulator, method: str, path: str, params: Object) -> Object:
    for wanted, pattern, handler in _COMPILED:
        match = pattern.fullmatch(path)
        if wanted == method and match is not None:
            return handler(stripe, params, *match.groups())
    group, _slash, object_id = path.rpartition("/")
    if method == "GET" and group in READ:
        return stripe.records.get(READ[group], object_id)
    message = f"Unrecognized request URL ({method}: /v1/{path})."
    raise StripeFailure(message, status=404)


def _has_key(stripe: StripeEmulator, request: Request) -> bool:
    scheme, _space, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given = base64.b64decode(given).decode().rstrip(":")
    return given == stripe.api_key
