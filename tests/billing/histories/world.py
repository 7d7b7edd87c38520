"""The product and the emulated Stripe with some workspaces, whose time is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

from layers.clock import ManualClock
from local_emulator.providers.stripe.clocks import tick
from tests.billing.histories.model import Customer
from tests.billing.histories.price_list import PriceList
from tests.billing.histories.workspace import Workspace
from tests.billing.shop import Shop
from tests.conftest import Person

CURRENCIES = ("usd", "eur", "jpy")
MOST = 3


@dataclass
class World:
    """All workspaces, and what has been done."""

    boss: Shop
    clock: ManualClock
    plans: PriceList
    sign_up: Callable[..., Person]
    random: Random
    workspaces: list[Workspace] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    @property
    def now(self) -> int:
        """The moment, in Unix seconds."""
        return int(self.clock.now())

    @property
    def anybody_tried(self) -> bool:
        """Whether the one trial that a card has was taken."""
        return any(one.model.tried for one in self.workspaces)

    def join(self) -> None:
        """Somebody signs up."""
        name = f"workspace {len(self.workspaces)}"
        person = self.sign_up(name)
        model = Customer(self.plans, self.random.choice(CURRENCIES))
        shop = replace(self.boss, person=person)
        self.workspaces.append(Workspace(name, shop, self.boss, model))

    def go_on(self, seconds: int) -> None:
        """Let time pass, stopping wherever something happens by itself."""
        until = self.now + seconds
        while (due := self._due()) is not None and due <= until:
            self.clock.moment = float(due)
            for one in self.workspaces:
                one.model.let_happen(due)
            self._happen()
        self.clock.moment = float(until)
        self._happen()

    def _due(self) -> int | None:
        due = [one.model.next_due() for one in self.workspaces]
        return min((moment for moment in due if moment is not None), default=None)

    def _happen(self) -> None:
        """Let Stripe do what is due; those whom its events are about are read again."""
        deliveries = self.boss.stripe.deliveries
        deliveries.held.clear()
        tick(self.boss.stripe)
        about = {one.event["data"]["object"].get("customer") for one in deliveries.held}
        for one in self.workspaces:
            if one.customer_id in about:
                one.settle()
