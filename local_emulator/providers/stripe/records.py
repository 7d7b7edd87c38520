"""What has been made: objects by their ids."""

from __future__ import annotations

import marshal
import operator
import secrets
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from local_emulator.providers.stripe.failures import StripeFailure, missing
from local_emulator.providers.stripe.forms import number

Object = dict[str, Any]
MOST = 100
INNER = "emulator_"
OWNER = "emulator_owner"
"""The customer of what has no member that says so."""
COMPARE: dict[str, Callable[[int, int], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


class Records:
    """Objects of all kinds, in the order of their making, found by id and by kind."""

    def __init__(self) -> None:
        self._objects: dict[str, Object] = {}
        self._kinds: dict[str, dict[str, Object]] = {}
        self._own: dict[tuple[str, str], dict[str, Object]] = {}
        self.fresh: list[Object] = []
        """What was added since somebody emptied this: whoever watches over dates looks here."""

    def dump(self) -> list[Object]:
        """Everything, to be kept."""
        return list(self._objects.values())

    def load(self, records: Iterable[Object]) -> None:
        """Take back what was kept."""
        for one in records:
            self.add(one)

    def forget(self, object_id: str) -> None:
        """Forget one object."""
        gone = self._objects.pop(object_id)
        del self._kinds[gone["object"]][object_id]
        self._own.get((gone["object"], _owner(gone)), {}).pop(object_id, None)

    def remove(self, kind: str) -> None:
        """Forget all objects of a kind."""
        for object_id in list(self._kinds.get(kind, {})):
            self.forget(object_id)

    def new_id(self, prefix: str) -> str:
        """An id such as Stripe's."""
        return f"{prefix}_{secrets.token_hex(12)}"

    def add(self, record: Object) -> Object:
        """Keep an object."""
        self._objects[record["id"]] = record
        self._kinds.setdefault(record["object"], {})[record["id"]] = record
        self._own.setdefault((record["object"], _owner(record)), {})[record["id"]] = record
        self.fresh.append(record)
        return record

    def find(self, kind: str, object_id: str | None) -> Object | None:
        """The object with this id, or None."""
        return self._kinds.get(kind, {}).get(object_id or "")

    def get(self, kind: str, object_id: str | None, param: str = "id") -> Object:
        """The object with this id; raises StripeFailure."""
        found = self.find(kind, object_id)
        if found is None:
            raise missing(kind.replace(".", " "), str(object_id), param)
        return found

    def all(self, kind: str) -> list[Object]:
        """All objects of a kind, the oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def of(self, owner_id: str | None, kind: str) -> list[Object]:
        """What a customer has of a kind whose owner never changes, the oldest first.

        None asks for all of them. What has no customer belongs to its invoice.
        """
        if owner_id is None:
            return self.all(kind)
        return list(self._own.get((kind, owner_id), {}).values())

    def expanded(self, record: Object, paths: Iterable[str]) -> Object:
        """A copy in which the ids at these paths are the objects themselves."""
        whole: Object = copied(record)
        for path in paths:
            self._expand(whole, path.split("."))
        return whole

    def _expand(self, value: Any, path: list[str]) -> None:
        if isinstance(value, list):
            for one in value:
                self._expand(one, path)
            return
        if not isinstance(value, dict) or not path:
            return
        name, *rest = path
        if (value.get("object"), name) == ("invoice", "payments"):
            value[name] = self._payments(value["id"])
        if name not in value:
            return
        if isinstance(value[name], list):
            value[name] = [self._whole(one) for one in value[name]]
        else:
            value[name] = self._whole(value[name])
        self._expand(value[name], rest)

    def _payments(self, invoice_id: str) -> Object:
        """What an invoice has only where it is asked for."""
        found = self.of(invoice_id, "invoice_payment")
        url = f"/v1/invoices/{invoice_id}/payments"
        data = copied(found[::-1])
        return {"object": "list", "data": data, "has_more": False, "url": url}

    def _whole(self, value: Any) -> Any:
        if isinstance(value, str) and value in self._objects:
            return copied(self._objects[value])
        return value


def copied(value: Any) -> Any:
    """A copy of JSON, quicker than ``copy.deepcopy``: a year of events is many copies."""
    return marshal.loads(marshal.dumps(value))  # noqa: S302 - what was just written


def outward(value: Any) -> Any:
    """A copy without what is the emulator's own."""
    written = marshal.dumps(value)
    whole = marshal.loads(written)  # noqa: S302 - what was just written
    return _without_inner(whole) if INNER.encode() in written else whole


def _without_inner(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_inner(one) for k, one in value.items() if not k.startswith(INNER)}
    if isinstance(value, list):
        return [_without_inner(one) for one in value]
    return value


def _owner(record: Object) -> str:
    found = record.get("customer") or record.get(OWNER) or record.get("invoice")
    return found if isinstance(found, str) else ""


def within(moment: int | None, asked: Any) -> bool:
    """Whether a moment is what a filter such as ``created`` or ``created[gte]`` asks for."""
    if asked is None:
        return True
    if moment is None:
        return False
    if not isinstance(asked, dict):
        return moment == int(asked)
    return all(COMPARE[name](moment, int(bound)) for name, bound in asked.items())


def listed(
    found: list[Object], params: Object, url: str, wanted: Callable[[Object], bool] | None = None
) -> Object:
    """A page of a list, the newest first (``limit``, ``starting_after``, ``ending_before``)."""
    limit = number(params.get("limit"), 10)
    if not 1 <= limit <= MOST:
        message = f"Invalid integer: limit must be from 1 to {MOST}."
        raise StripeFailure(message, code="parameter_invalid_integer", param="limit")
    after, before = params.get("starting_after"), params.get("ending_before")
    if after is not None and before is not None:
        message = "You may only specify one of these parameters: starting_after, ending_before."
        raise StripeFailure(message, param="starting_after")
    # From the cursor on, in the order of the pages; what comes before it is read from its end.
    ordered = iter(found) if before is not None else reversed(found)
    cursor, name = (before, "ending_before") if before is not None else (after, "starting_after")
    if cursor is not None and all(one["id"] != cursor for one in ordered):
        raise missing("object", cursor, name)
    chosen = (one for one in ordered if wanted is None or wanted(one))
    page = list(islice(chosen, limit + 1))
    data = page[:limit] if before is None else page[:limit][::-1]
    return {"object": "list", "url": url, "has_more": len(page) > limit, "data": copied(data)}
