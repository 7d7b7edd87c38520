"""The root of the HTTP functions: all groups of routes behind one edge and one error handler."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from billing.usage.api_calls import ApiCalls
from functions.http import openapi
from functions.http.app_files import AppFiles
from functions.http.billing import (
    administration as billing_administration,
)
from functions.http.billing import (
    administrator_alerts as billing_administrator_alerts,
)
from functions.http.billing import (
    alerts as billing_alerts,
)
from functions.http.billing import (
    budgets as billing_budgets,
)
from functions.http.billing import (
    buyer as billing_buyer,
)
from functions.http.billing import contracts as billing_contracts
from functions.http.billing import (
    coupons as billing_coupons,
)
from functions.http.billing import (
    credit_note_documents as billing_credit_note_documents,
)
from functions.http.billing import (
    credits as billing_credits,
)
from functions.http.billing import instance_invoices as billing_instance_invoices
from functions.http.billing import (
    invoices as billing_invoices,
)
from functions.http.billing import (
    payment_methods as billing_payment_methods,
)
from functions.http.billing import payments as billing_payments
from functions.http.billing import (
    plans as billing_plans,
)
from functions.http.billing import (
    preferences as billing_preferences,
)
from functions.http.billing import (
    promotions as billing_promotions,
)
from functions.http.billing import (
    revenue as billing_revenue,
)
from functions.http.billing import (
    revenue_exports as billing_revenue_exports,
)
from functions.http.billing import stripe_webhook
from functions.http.billing import (
    subscription as billing_subscription,
)
from functions.http.billing import (
    too_much as billing_too_much,
)
from functions.http.billing import (
    usage as billing_usage,
)
from functions.http.billing.plan_checks import check_member
from functions.http.code import code, package_policy
from functions.http.credentials import credential_types, credentials, oauth
from functions.http.edge import Edge
from functions.http.endpoint import BASE
from functions.http.executions import (
    execution_changes,
    execution_data,
    execution_files,
    execution_waits,
    executions,
    runs,
)
from functions.http.hooks import callbacks, hooks
from functions.http.hooks.hook_table import HookTable
from functions.http.hooks.hooks_origin import HooksOrigin
from functions.http.hooks.refusals import Refusals
from functions.http.hosts import Hosts, OwnHosts
from functions.http.instance import health, instance
from functions.http.instance.gateway_metrics import GatewayMetrics
from functions.http.nodes import node_data, node_history, node_options, node_types
from functions.http.people import (
    api_keys,
    audit_log,
    auth,
    invitations,
    joining,
    me,
    members,
    password,
    workspace_changes,
    workspaces,
)
from functions.http.problems import (
    on_database_error,
    on_http_exception,
    on_invalid_request,
    on_treadle_error,
)
from functions.http.triggers import schedules, triggers
from functions.http.workflows import (
    drafts,
    expressions,
    publishing,
    templates,
    variables,
    workflow_versions,
    workflows,
)
from layers.database.schema_version import is_current
from layers.errors import SetupError, TreadleError
from layers.identity import Authenticator
from layers.identity.accounts import Accounts
from layers.log import logger
from layers.settings import Settings, load_settings
from layers.vault import check_fingerprint

if TYPE_CHECKING:
    from functions.parts import Parts

VERSION = "0.1.0"
WRITE_COUNTS_S = 5.0
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

GROUPS: dict[str, APIRouter] = {
    # First, because routes are tried in order and this one is the busiest by far.
    "hooks": hooks.router,
    "callbacks": callbacks.router,
    "stripe-webhook": stripe_webhook.router,
    "auth": auth.router,
    "me": me.router,
    "password": password.router,
    "workspaces": workspaces.router,
    "workspace-changes": workspace_changes.router,
    "members": members.router,
    "joining": joining.router,
    "invitations": invitations.router,
    "instance": instance.router,
    "api-keys": api_keys.router,
    "drafts": drafts.router,
    "publishing": publishing.router,
    "node-history": node_history.router,
    "workflows": workflows.router,
    "workflow-versions": workflow_versions.router,
    "node-types": node_types.router,
    "node-options": node_options.router,
    "oauth": oauth.router,
    "credentials": credentials.router,
    "credential-types": credential_types.router,
    "variables": variables.router,
    "schedules": schedules.router,
    "triggers": triggers.router,
    "templates": templates.router,
    "expressions": expressions.router,
    "code": code.router,
    "package-policy": package_policy.router,
    "audit-log": audit_log.router,
    "health": health.router,
    "executions": executions.router,
    "execution-data": execution_data.router,
    "execution-files": execution_files.router,
    "execution-waits": execution_waits.router,
    "execution-changes": execution_changes.router,
    "node-data": node_data.router,
    "runs": runs.router,
    "billing-plans": billing_plans.router,
    "billing-subscription": billing_subscription.router,
    "billing-payment-methods": billing_payment_methods.router,
    "billing-invoices": billing_invoices.router,
    "billing-credits": billing_credits.router,
    "instance-credits": billing_credits.administration,
    "billing-credit-note-documents": billing_credit_note_documents.router,
    "billing-too-much": billing_too_much.router,
    "billing-usage": billing_usage.router,
    "billing-alerts": billing_alerts.router,
    "billing-budgets": billing_budgets.router,
    "billing-preferences": billing_preferences.router,
    "billing-buyer": billing_buyer.router,
    "billing-promotions": billing_promotions.router,
    "billing-coupons": billing_coupons.router,
    "billing-administration": billing_administration.router,
    "billing-administrator-alerts": billing_administrator_alerts.router,
    "billing-instance-invoices": billing_instance_invoices.router,
    "billing-payments": billing_payments.router,
    "billing-contracts": billing_contracts.router,
    "billing-revenue": billing_revenue.router,
    "billing-revenue-exports": billing_revenue_exports.router,
}
"""Every group of routes by its name, which is also its name as a function served alone."""


def build_app(
    parts: Parts, groups: Sequence[str] | None = None, lifespan: Lifespan | None = None
) -> FastAPI:
    """Build the app of all groups, or of the named ones.

    ``lifespan`` is entered when the app starts: whoever builds the parts closes them there.
    """
    app = FastAPI(
        title="Treadle",
        version=VERSION,
        openapi_url=f"{BASE}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan or _nothing_to_do,
    )
    measures = GatewayMetrics()
    app.state.parts = parts
    app.state.measures = measures
    app.state.authenticator = Authenticator(parts.database, parts.clock)
    app.state.api_calls = ApiCalls(parts.database, parts.clock, parts.settings)
    app.state.hook_table = HookTable()
    app.state.refusals = Refusals(parts.database, parts.clock)
    app.state.accounts = Accounts(
        parts.database,
        parts.vault,
        parts.clock,
        partial(check_member, parts, joins=True),
        parts.settings.accounts,
    )
    for name in GROUPS if groups is None else groups:
        # Taken over one by one: a flat list is quicker to match than routers within routers.
        app.router.routes.extend(GROUPS[name].routes)
    if groups is None:
        app.router.default = AppFiles(parts.settings.server.web_dist, app.router.default)
    app.add_exception_handler(TreadleError, on_treadle_error)
    app.add_exception_handler(SQLAlchemyError, on_database_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_middleware(Hosts, hosts=OwnHosts(parts.settings.server))
    app.add_middleware(
        Edge,
        body_bytes=parts.settings.limits.body_bytes,
        upload_bytes=parts.settings.limits.upload_bytes,
        https=parts.settings.server.public_url.startswith("https:"),
        measures=measures,
        hooks=HooksOrigin.of(parts.settings.server),
    )
    openapi.install(app)
    return app


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the whole app from the settings: what a server is pointed at (a factory)."""
    from functions.assembly import build_parts

    parts = build_parts(settings or load_settings())
    return build_app(parts, lifespan=running(parts))


def running(parts: Parts) -> Lifespan:
    """A lifespan that starts the engine and closes the parts; refuses a database not its own."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(_check_database, parts)
        parts.followed.start()
        await parts.engine.start()
        writing = asyncio.create_task(_write_counts(app))
        yield
        writing.cancel()
        await run_in_threadpool(_write_once, app)
        await parts.engine.stop()
        await parts.close()

    return lifespan


async def _write_counts(app: FastAPI) -> None:
    while True:
        await asyncio.sleep(WRITE_COUNTS_S)
        await run_in_threadpool(_write_once, app)


def _write_once(app: FastAPI) -> None:
    try:
        app.state.api_calls.write()
    except DBAPIError:
        logger("billing").exception("calls of the API could not be written down")
    try:
        app.state.refusals.write()
    except DBAPIError:
        logger("http").exception("refused requests could not be written down")


def _check_database(parts: Parts) -> None:
    if not is_current(parts.database):
        raise SetupError("The database's schema is not the one of this version: treadle migrate.")
    check_fingerprint(parts.vault, parts.database)


@asynccontextmanager
async def _nothing_to_do(_app: FastAPI) -> AsyncIterator[None]:
    yield
