"""A change that waits for the end of the period: made, replaced and taken back."""

from __future__ import annotations

from dataclasses import dataclass

from billing.accounts import account_state
from billing.accounts.accounts import Accounts, request_key
from billing.accounts.change_requests import ScheduledChange
from billing.accounts.schedule_state import MARK_INTERVAL, MARK_SEATS, schedule_of
from billing.accounts.subscriptions import PlanChoice, Preview, Subscriptions
from layers.errors import Conflict


@dataclass(frozen=True)
class ScheduledChanges:
    """What a workspace's subscription is to become when its period ends."""

    accounts: Accounts

    def preview(self, workspace_id: str, choice: PlanChoice) -> Preview:
        """Nothing is paid or credited before the period ends; raises as ``schedule`` does."""
        subscription = self._subscription(workspace_id, choice)
        now = int(self.accounts.clock.now())
        return Preview(subscription["currency"], 0, 0, (), now)

    def schedule(self, workspace_id: str, choice: PlanChoice) -> None:
        """Change when the period ends, in place of whatever was to come then.

        Raises Conflict where nothing would change, InvalidInput for a plan that is not sold so.
        """
        subscriptions = Subscriptions(self.accounts)
        subscription = self._subscription(workspace_id, choice)
        if subscription["cancel_at_period_end"]:
            self.accounts.gateway.end_with_period(subscription["id"], ends=False)
        plan = subscriptions.plan(choice)
        items = subscriptions.items(plan, choice, subscription["currency"])
        marks = {
            **subscriptions.marks(workspace_id, plan),
            MARK_INTERVAL: choice.interval,
            MARK_SEATS: str(choice.seats),
        }
        later = ScheduledChange(
            subscription_id=subscription["id"],
            schedule_id=schedule_of(subscription),
            items=items,
            metadata=marks,
            interval=choice.interval,
            now=int(self.accounts.clock.now()),
        )
        self.accounts.gateway.schedule_change(later, request_key("schedule"))
        self.accounts.refresh(workspace_id)

    def take_back(self, workspace_id: str) -> PlanChoice | None:
        """Let the subscription go on as it is; returns what was to come, None for nothing."""
        account = self.accounts.read(workspace_id)
        if account.schedule_id is None:
            return None
        self.accounts.gateway.release_schedule(account.schedule_id)
        self.accounts.refresh(workspace_id)
        if account.scheduled_plan is None:
            return None
        return PlanChoice(
            account.scheduled_plan, account.scheduled_interval, account.scheduled_seats
        )

    def _subscription(self, workspace_id: str, choice: PlanChoice) -> account_state.Object:
        subscriptions = Subscriptions(self.accounts)
        subscription = subscriptions.changeable(workspace_id)
        plan = subscriptions.plan(choice)
        if subscriptions.holds(subscription, plan, choice):
            raise Conflict(
                "That is what this workspace has: take back what is to come when the period ends."
                if schedule_of(subscription)
                else "That is what this workspace has: nothing would change."
            )
        return subscription
