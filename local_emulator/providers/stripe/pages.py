"""The pages that people see: Checkout, the bank's, invoices, the portal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from local_emulator.providers.stripe import checkout, portal
from local_emulator.providers.stripe.bank_page import answer, bank_page
from local_emulator.providers.stripe.checkout_page import checkout_page
from local_emulator.providers.stripe.emulator import StripeEmulator
from local_emulator.providers.stripe.failures import StripeFailure
from local_emulator.providers.stripe.forms import read_form
from local_emulator.providers.stripe.invoice_page import invoice_page, pay_on_page
from local_emulator.providers.stripe.page_style import alert, framed

Form = dict[str, Any]
Show = Callable[[StripeEmulator, str], str]
Act = Callable[[StripeEmulator, str, Form], str]
"""Does what a form says; returns where to go next."""


def page_routes(stripe: StripeEmulator) -> list[Route]:
    """The routes of all pages."""
    pages: dict[str, tuple[Show, Act]] = {
        "checkout": (checkout_page, checkout.submit),
        "authenticate": (bank_page, answer),
        "invoices": (invoice_page, _pay),
        "portal": (portal.page, _use_portal),
    }
    return [
        Route(f"/{name}/{{page_id}}", _endpoint(stripe, show, act), methods=["GET", "POST"])
        for name, (show, act) in pages.items()
    ]


def _endpoint(
    stripe: StripeEmulator, show: Show, act: Act
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        page_id = request.path_params["page_id"]
        try:
            if request.method == "GET":
                return HTMLResponse(show(stripe, page_id))
            form = read_form((await request.body()).decode())
            address = act(stripe, page_id, form)
        except StripeFailure as failure:
            stripe.changed()
            return HTMLResponse(_failed(stripe, show, page_id, failure), failure.status)
        stripe.changed()
        return RedirectResponse(address, 303)

    return endpoint


def _failed(stripe: StripeEmulator, show: Show, page_id: str, failure: StripeFailure) -> str:
    """The page once more, with what went wrong and the buttons to try again."""
    if show is checkout_page and failure.status == 402:
        return checkout_page(stripe, page_id)
    if show is invoice_page and failure.status == 402:
        return invoice_page(stripe, page_id, str(failure))
    return framed("Stripe", alert(str(failure)))


def _pay(stripe: StripeEmulator, invoice_id: str, form: Form) -> str:
    return pay_on_page(stripe, invoice_id, str(form.get("card") or "pm_card_visa"))


def _use_portal(stripe: StripeEmulator, portal_id: str, form: Form) -> str:
    portal.act(stripe, portal_id, str(form.get("do")), str(form.get("on") or ""))
    return f"/portal/{portal_id}"
