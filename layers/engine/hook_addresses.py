"""Which workspace a webhook's path belongs to: the one that used it last, for a while after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from layers.database.models import Trigger as TriggerRow
from layers.database.models import WebhookPath
from layers.engine import hook_paths
from layers.errors import Conflict

KEPT_DAYS = 30
KEPT_S = KEPT_DAYS * 86_400.0
_TURN = 0x686F_6F6B
"""Any number that nothing else of the instance uses."""


def take_turn(session: Session) -> None:
    """Wait until no other transaction changes who listens where; lasts until this one ends."""
    # Two paths can be in conflict without being the same: no unique key can tell.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": _TURN})


def claim(session: Session, workspace_id: str, paths: Sequence[str], now: float) -> None:
    """Take the paths for the workspace, within the transaction that lets its triggers listen.

    Call ``take_turn`` before. Raises Conflict where one belongs to another workspace, in any
    method and spelling, or where an address could be meant for two paths.
    """
    for path in paths:
        _check_owner(session, workspace_id, path, now)
        row = session.get(WebhookPath, hook_paths.key_of(path), populate_existing=True)
        if row is None:
            row = WebhookPath(path=hook_paths.key_of(path), parts=path.count("/") + 1)
            session.add(row)
        row.workspace_id = workspace_id
        row.listened_until = None
        session.flush()
    _check_parameters(session, workspace_id, paths)


def release(session: Session, workspace_id: str, routes: Iterable[str], now: float) -> None:
    """Note that these routes have stopped listening, where no other listens at their paths."""
    stopped = {hook_paths.key_of(_path(route)) for route in routes}
    if not stopped:
        return
    stopped -= {hook_paths.key_of(_path(route)) for route in _active(session, workspace_id)}
    for key in stopped:
        row = session.get(WebhookPath, key, populate_existing=True)
        if row is not None and row.workspace_id == workspace_id:
            row.listened_until = now
    session.flush()


def _check_owner(session: Session, workspace_id: str, path: str, now: float) -> None:
    key = hook_paths.key_of(path)
    similar = WebhookPath.path == key
    if hook_paths.has_parameters(path):
        similar = WebhookPath.path.startswith(f"{key.split('/')[0]}/", autoescape=True)
    query = select(WebhookPath.path).where(
        WebhookPath.workspace_id != workspace_id,
        WebhookPath.parts == key.count("/") + 1,
        or_(similar, WebhookPath.path.contains("/:")),
        or_(WebhookPath.listened_until.is_(None), WebhookPath.listened_until > now - KEPT_S),
    )
    if any(hook_paths.both_match(key, other) for other in session.scalars(query)):
        raise Conflict(
            f"The webhook path '{path}' belongs to another workspace of this instance: it listens"
            f" there, or did within {KEPT_DAYS} days. Choose another path."
        )


def _check_parameters(session: Session, workspace_id: str, paths: Sequence[str]) -> None:
    """Refuse two paths with parameters that could both be meant by one request."""
    routes = [route.partition(" ") for route in _active(session, workspace_id)]
    with_parameters = [
        (method, path) for method, _space, path in routes if hook_paths.has_parameters(path)
    ]
    for index, (method, path) in enumerate(with_parameters):
        for other_method, other in with_parameters[index + 1 :]:
            if not hook_paths.both_match(path, other) or {path, other}.isdisjoint(paths):
                continue
            alike = hook_paths.key_of(path) == hook_paths.key_of(other)
            # A method of its own goes before ANY, where the paths differ in nothing else.
            if method == other_method or (not alike and hook_paths.ANY in (method, other_method)):
                raise Conflict(
                    f"One request could be meant for both webhook paths '{path}' and '{other}';"
                    " change one of them, or its method."
                )


def _active(session: Session, workspace_id: str) -> list[str]:
    query = select(TriggerRow.route).where(
        TriggerRow.workspace_id == workspace_id, TriggerRow.route.is_not(None)
    )
    return [route for route in session.scalars(query) if route is not None]


def _path(route: str) -> str:
    return route.partition(" ")[2]
