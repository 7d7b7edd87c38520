"""What happens at random: each action only where a person could do it."""

from __future__ import annotations

from tests.billing.histories.model import DAY_S, HOUR_S
from tests.billing.histories.workspace import Workspace
from tests.billing.histories.world import MOST, World

PLANS = ("pro", "team")
PASSING = {"time passes", "to the end of the period"}
INTERVALS = ("month", "year")
SEATS = (1, 1, 2, 3)
CARDS_END = 2_019_686_400
"""1 January 2034: all emulated cards expire in its August."""
WHILES = (1, 60, HOUR_S, 5 * HOUR_S, DAY_S, 3 * DAY_S, 9 * DAY_S, 31 * DAY_S)


def step(world: World) -> None:
    """Do one thing."""
    if not world.workspaces or (len(world.workspaces) < MOST and world.random.random() < 0.02):
        world.join()
        world.done.append(f"{world.workspaces[-1].name} joins")
    one = world.random.choice(world.workspaces)
    name = world.random.choice(_possible(one))
    world.done.append(f"{one.name}: {name}")
    told = _do(world, one, name)
    world.done[-1] += f" {told}"
    # Whatever one does is no other's business; time is everybody's.
    for each in world.workspaces:
        each.compare(whole=each is one or name in PASSING)


def _do(world: World, one: Workspace, name: str) -> str:
    random = world.random
    match name:
        case "time passes":
            seconds = random.choice(WHILES) + random.randrange(0, 60)
            seconds = _before_cards_end(world, seconds)
            world.go_on(seconds)
            return f"({seconds} s)"
        case "to the end of the period":
            held = one.model.living
            assert held is not None
            seconds = held.period[1] - world.now + random.choice((-1, 0, 1, HOUR_S))
            seconds = _before_cards_end(world, max(1, seconds))
            world.go_on(seconds)
            return f"({seconds} s)"
        case "subscribes":
            wish = _wish(world)
            one.subscribe(*wish, tries=not world.anybody_tried)
            return str(wish)
        case "changes" | "changes later":
            return _change(world, one, later=name == "changes later")
        case "cancels" | "resumes":
            one.cancel(name == "cancels")
        case "has a good card" | "has a bad card":
            one.use_card(name == "has a good card")
        case "pays":
            for bill in [bill for bill in one.model.bills if bill.status == "open"]:
                one.pay(bill)
        case "uses":
            number = random.choice((1, 2, 3, 7, 20))
            one.use(number)
            return str(number)
        case "chooses":
            modes = ("queue", "refuse", *["overage"] * 2 * one.model.may_go_beyond(world.now))
            wished = random.choice(modes), random.choice((0, 5, 50))
            one.choose(*wished)
            return str(wished)
        case "is refunded" | "is credited":
            return _give_back(world, one, name == "is refunded")
    return ""


def _before_cards_end(world: World, seconds: int) -> int:
    """How long passes: never so long that a card is refused for its age."""
    return seconds if world.now + seconds < CARDS_END else min(seconds, HOUR_S)


def _change(world: World, one: Workspace, *, later: bool) -> str:
    held = one.model.living
    assert held is not None
    wish = _wish(world)
    if wish == (held.plan, held.interval, held.seats):
        return "nothing"
    one.change_later(*wish) if later else one.change(*wish)
    return str(wish)


def _give_back(world: World, one: Workspace, refunds: bool) -> str:
    left = [(bill, bill.left) for bill in one.model.bills if bill.status == "paid" and bill.left]
    if not left:
        return "nothing"
    bill, most = world.random.choice(left)
    amount = world.random.choice((1, max(1, most // 3), most))
    one.refund(bill, amount) if refunds else one.credit(bill, amount)
    return f"{amount} of {most}"


def _wish(world: World) -> tuple[str, str, int]:
    random = world.random
    return random.choice(PLANS), random.choice(INTERVALS), random.choice(SEATS)


def _possible(one: Workspace) -> list[str]:
    """The actions that are offered now; what is likelier stands there more often."""
    model = one.model
    found = [*["time passes"] * 3, "uses", "uses", "chooses"]
    held = model.living
    if held is None:
        return [*found, "subscribes", "subscribes"]
    found += ["to the end of the period", "has a bad card", *["has a good card"] * 3]
    found += ["is refunded", "is credited"]
    if any(bill.status == "open" for bill in model.bills) and model.card_is_good:
        found += ["pays"]
    if held.status in {"active", "trialing"}:
        found += ["resumes"] if held.cancels else ["cancels"]
        found += ["changes", "changes", "changes later"]
    return found
