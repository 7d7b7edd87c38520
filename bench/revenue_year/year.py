"""Plays the year: so many workspaces sign up, and live day by day."""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.revenue_year.assumptions import Assumptions
from bench.revenue_year.people import Inhabitant
from bench.revenue_year.world import World, served
from local_emulator.providers.stripe.emulator import StripeEmulator

BEGINS = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
DAYS = 365


class Year:
    """A year from 1 January 2026, 00:00 UTC."""

    def __init__(self, workspaces: int, seed: int, assumed: Assumptions) -> None:
        chance = random.Random(seed)
        self.people: list[Inhabitant] = []
        self._assumed = assumed
        # More come each day than the day before: twice as many at the end as at the beginning.
        days = chance.choices(range(DAYS), [1 + day / DAYS for day in range(DAYS)], k=workspaces)
        self._arriving = sorted(days)
        self._seeds = [chance.random() for _ in range(workspaces)]

    def play(self, world: World) -> None:
        """Live through it; tells how far it is."""
        world.call(
            *("POST", "/v1/coupons"),
            id="LAUNCH",
            percent_off=20,
            duration="repeating",
            duration_in_months=3,
        )
        began = time.monotonic()
        for day in range(DAYS):
            while len(self.people) < len(self._arriving) and (
                self._arriving[len(self.people)] <= day
            ):
                self._arrive(world)
            for one in self.people:
                one.live()
            world.half_a_day()
            world.overage.bill()
            world.half_a_day()
            world.tidy()
            if day % 30 == 29:
                spent = time.monotonic() - began
                said = f"day {day + 1}: {len(self.people)} workspaces, {spent:.0f} s"
                print(said, file=sys.stderr, flush=True)

    def _arrive(self, world: World) -> None:
        number = len(self.people)
        chance = random.Random(self._seeds[number])
        one = Inhabitant(world, self._assumed, chance, number)
        one.arrive()
        self.people.append(one)


def played(folder: Path, workspaces: int, seed: int, assumed: Assumptions) -> tuple[Year, World]:
    """A year that is over."""
    stripe = StripeEmulator()
    with served(stripe):
        world = World(folder, stripe, BEGINS)
        year = Year(workspaces, seed, assumed)
        year.play(world)
    return year, world
