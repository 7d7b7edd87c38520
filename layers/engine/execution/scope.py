"""What expressions can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from layers.contract import Item, Json
from layers.engine.core.emptiness import real
from layers.engine.core.plan import Plan


class LazyMapping(Mapping[str, Any]):
    """A mapping that is fetched when an expression first looks into it."""

    def __init__(self, fetch: Callable[[], Mapping[str, Json]]) -> None:
        self._fetch = fetch
        self._values: Mapping[str, Json] | None = None

    def _known(self) -> Mapping[str, Json]:
        if self._values is None:
            self._values = self._fetch()
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self._known()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known())

    def __len__(self) -> int:
        return len(self._known())


class OnDemand(Mapping[str, Any]):
    """A mapping each of whose values is made when an expression looks at it."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers

    def __getitem__(self, key: str) -> Any:
        return self._makers[key]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


class NodesView(Mapping[str, Any]):
    """``nodes.NAME``: the latest output of every node that has run."""

    def __init__(self, plan: Plan, latest: Mapping[int, Mapping[str, Sequence[Item]]]) -> None:
        self._plan = plan
        self._latest = latest

    def __getitem__(self, key: str) -> Any:
        outputs = self._latest[self._plan.index_of[key]]
        items: Sequence[Item] = next((items for items in outputs.values() if items), [])
        view: dict[str, Any] = {"items": real(items), "outputs": dict(outputs)}
        if items:
            view["item"] = items[0]
        return view

    def __iter__(self) -> Iterator[str]:
        return (self._plan.nodes[index].id for index in self._latest)

    def __len__(self) -> int:
        return len(self._latest)
