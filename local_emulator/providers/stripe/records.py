"""What has been made: objects by their ids."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from local_emulator.providers.stripe.failures import missing
from local_emulator.providers.stripe.forms import number

Object = dict[str, Any]


class Records:
    """Objects of all kinds, in the order of their making."""

    def __init__(self) -> None:
        self._objects: dict[str, Object] = {}

    def dump(self) -> list[Object]:
        """Everything, to be kept."""
        return list(self._objects.values())

    def load(self, records: Iterable[Object]) -> None:
        """Take back what was kept."""
        self._objects |= {one["id"]: one for one in records}

    def forget(self, object_id: str) -> None:
        """Forget one object."""
        del self._objects[object_id]

    def remove(self, kind: str) -> None:
        """Forget all objects of a kind."""
        self._objects = {k: one for k, one in self._objects.items() if one["object"] != kind}

    def new_id(self, prefix: str) -> str:
        """An id such as Stripe's."""
        return f"{prefix}_{secrets.token_hex(12)}"

    def add(self, record: Object) -> Object:
        """Keep an object."""
        self._objects[record["id"]] = record
        return record

    def find(self, kind: str, object_id: str | None) -> Object | None:
        """The object with this id, or None."""
        found = self._objects.get(object_id or "")
        return found if found is not None and found["object"] == kind else None

    def get(self, kind: str, object_id: str | None, param: str = "id") -> Object:
        """The object with this id; raises StripeFailure."""
        found = self.find(kind, object_id)
        if found is None:
            raise missing(kind.replace(".", " "), str(object_id), param)
        return found

    def all(self, kind: str) -> list[Object]:
        """All objects of a kind, the oldest first."""
        return [one for one in self._objects.values() if one["object"] == kind]

    def expanded(self, record: Object, paths: Iterable[str]) -> Object:
        """A copy in which the ids at these paths are the objects themselves."""
        whole = copy.deepcopy(record)
        for path in paths:
            self._expand(whole, path.split("."))
        return whole

    def _expand(self, value: Any, path: list[str]) -> None:
        if isinstance(value, list):
            for one in value:
                self._expand(one, path)
            return
        if not isinstance(value, dict) or not path or path[0] not in value:
            return
        name, *rest = path
        if isinstance(value[name], list):
            value[name] = [self._whole(one) for one in value[name]]
        else:
            value[name] = self._whole(value[name])
        self._expand(value[name], rest)

    def _whole(self, value: Any) -> Any:
        if isinstance(value, str) and value in self._objects:
            return copy.deepcopy(self._objects[value])
        return value


def listed(
    found: list[Object], params: Object, url: str, wanted: Callable[[Object], bool] | None = None
) -> Object:
    """A page of a list, the newest first (``limit``, ``starting_after``)."""
    chosen = [one for one in reversed(found) if wanted is None or wanted(one)]
    after = params.get("starting_after")
    if after is not None:
        ids = [one["id"] for one in chosen]
        chosen = chosen[ids.index(after) + 1 :] if after in ids else []
    limit = number(params.get("limit"), 10)
    return {
        "object": "list",
        "url": url,
        "has_more": len(chosen) > limit,
        "data": copy.deepcopy(chosen[:limit]),
    }
