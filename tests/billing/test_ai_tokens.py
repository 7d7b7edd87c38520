"""What language models are asked is reserved by its most, settled by what it took, and counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from functions.parts import Parts
from layers.clock import ManualClock
from layers.settings import BillingSettings, LanguageModelSettings, ModelPrice, Settings
from tests.ai.chat_service import ChatService, Reply, completion
from tests.billing.shop import Shop
from tests.waiting import PATIENCE_S, until

INCLUDED = 100_000
"""Tokens of the plan Free."""


@pytest.fixture
def parts(
    make_parts: Callable[..., Parts],
    settings: Settings,
    billing: BillingSettings,
    clock: ManualClock,
    chat: ChatService,
) -> Parts:
    price = ModelPrice(Decimal(2), Decimal(8))
    models = LanguageModelSettings(chat.base_url, "sk-here", {"priced": price}, enabled=True)
    changed = replace(settings, billing=billing, language_models=models)
    return make_parts(settings=changed, clock=clock)


def workflow(shop: Shop, **params: Any) -> str:
    """A workflow that asks about each item that it is run with; returns its id."""
    asking = {"model": "small", "prompt": "{{ item.text }}", "max_output_tokens": 100, **params}
    definition = {
        "name": "Asks",
        "nodes": [
            {"id": "start", "type": "manual"},
            {"id": "ask", "type": "ai_chat", "params": asking},
        ],
        "connections": [{"from": "start", "to": "ask"}],
    }
    return str(shop.call("POST", "/workflows", definition, 201)["id"])


def run(shop: Shop, made: str, *texts: str) -> Any:
    items = [{"text": text} for text in texts or ("one two",)]
    wish = {"source": "draft", "wait": 120, "items": items}
    return shop.call("POST", f"/workflows/{made}/run", wish)


def ledger(shop: Shop) -> dict[tuple[str, str], int]:
    rows = shop.rows(
        "SELECT meter, detail, sum(quantity) AS n FROM usage_ledger WHERE meter LIKE 'ai_%'"
        " GROUP BY meter, detail"
    )
    return {(row.meter, row.detail): int(row.n) for row in rows}


def reserved(shop: Shop) -> list[Any]:
    return shop.rows("SELECT id, amount FROM usage_reservations")


def test_tokens_are_counted_by_model_and_shown(shop: Shop) -> None:
    ended = run(shop, workflow(shop), "one two", "three")
    assert ended["status"] == "succeeded"
    assert ledger(shop) == {
        ("ai_input_tokens", "small-2026"): 20,
        ("ai_output_tokens", "small-2026"): 3,
    }
    assert reserved(shop) == []
    (limit,) = [one for one in shop.subscription()["limits"] if one["name"] == "ai_tokens"]
    assert (limit["used"], limit["included"]) == (23, INCLUDED)


def test_cost_is_the_services_word_or_the_price_that_is_known(
    shop: Shop, chat: ChatService
) -> None:
    run(shop, workflow(shop, model="priced"))
    assert ledger(shop)[("ai_cost", "priced-2026")] == 2 * 10 + 8 * 2

    def told(body: dict[str, Any]) -> Reply:
        answer = completion(body)
        return 200, {}, {**answer, "usage": {**answer["usage"], "cost": 0.0012345}}

    chat.reply = told
    run(shop, workflow(shop, model="other"))
    assert ledger(shop)[("ai_cost", "other-2026")] == 1235


def test_what_could_go_beyond_the_plan_is_not_asked(shop: Shop, chat: ChatService) -> None:
    ended = run(shop, workflow(shop, max_output_tokens=INCLUDED))
    assert ended["status"] == "failed"
    assert ended["error"]["kind"] == "limit_reached"
    assert ended["error"]["detail"]["meter"] == "ai_tokens"
    assert "billing" in ended["error"]["detail"]["upgrade_url"]
    assert chat.asked == []
    assert ledger(shop) == {}
    assert reserved(shop) == []
    assert run(shop, workflow(shop, max_output_tokens=INCLUDED // 2))["status"] == "succeeded"


def test_many_at_once_never_take_more_than_there_is(shop: Shop, chat: ChatService) -> None:
    """Ten items fit at their most; twenty ask at once, and the others wait for none of them."""
    arrived = threading.Semaphore(0)
    go_on = threading.Event()

    def held(body: dict[str, Any]) -> Reply:
        arrived.release()
        assert go_on.wait(PATIENCE_S)
        answer = completion(body)
        most = {"prompt_tokens": 10, "completion_tokens": body["max_tokens"]}
        return 200, {}, {**answer, "usage": most}

    chat.reply = held
    made = workflow(shop, concurrency=1, max_output_tokens=INCLUDED // 10 - 200)
    ended: list[Any] = []
    threads = [
        threading.Thread(target=lambda: ended.append(run(shop, made, "x"))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for _ in range(10):
        assert arrived.acquire(timeout=PATIENCE_S)
    until(lambda: len(ended) == 10, lambda: f"the end of the ten that do not fit: {ended}")
    go_on.set()
    for thread in threads:
        thread.join()
    assert sorted(one["status"] for one in ended) == ["failed"] * 10 + ["succeeded"] * 10
    assert len(chat.asked) == 10
    assert 0 < sum(ledger(shop).values()) <= INCLUDED
    assert reserved(shop) == []


@pytest.mark.parametrize("scope", ["month", "execution"])
@pytest.mark.parametrize(
    ("meter", "amount"), [("ai_tokens", 150), ("ai_cost", 100)], ids=["tokens", "money"]
)
def test_a_budget_stops_before_the_call(
    shop: Shop, chat: ChatService, meter: str, amount: int, scope: str
) -> None:
    budget = {"scope": scope, "meter": meter, "amount": amount}
    shop.call("POST", "/billing/budgets", budget, 201)
    ended = run(shop, workflow(shop, model="priced"))
    assert (ended["status"], ended["error"]["kind"]) == ("failed", "budget_reached")
    assert chat.asked == []
    assert reserved(shop) == []


def test_a_budget_of_money_lets_pass_what_fits(shop: Shop, chat: ChatService) -> None:
    budget = {"scope": "month", "meter": "ai_cost", "amount": 2000}
    shop.call("POST", "/billing/budgets", budget, 201)
    assert run(shop, workflow(shop, model="priced"))["status"] == "succeeded"
    assert reserved(shop) == []


def test_under_a_budget_of_money_the_price_must_be_known(shop: Shop, chat: ChatService) -> None:
    bounded = workflow(shop)
    budget = {"scope": "month", "meter": "ai_cost", "amount": 1_000_000, "workflow_id": bounded}
    shop.call("POST", "/billing/budgets", budget, 201)
    ended = run(shop, bounded)
    assert (ended["status"], ended["error"]["kind"]) == ("failed", "unknown_price")
    assert "TREADLE_LLM_PRICES" in ended["error"]["message"]
    assert chat.asked == []
    assert reserved(shop) == []
    assert run(shop, workflow(shop))["status"] == "succeeded", "the budget is of another workflow"


def test_what_failed_uses_nothing_and_keeps_no_room(shop: Shop, chat: ChatService) -> None:
    chat.reply = lambda body: (500, {}, {"error": {"message": "out of order"}})
    ended = run(shop, workflow(shop))
    assert (ended["status"], ended["error"]["kind"]) == ("failed", "http_status")
    assert ledger(shop) == {}
    assert reserved(shop) == []


def test_what_was_answered_before_another_item_failed_is_counted(
    shop: Shop, chat: ChatService
) -> None:
    def second_fails(body: dict[str, Any]) -> Reply:
        if body["messages"][-1]["content"] == "two":
            return 400, {}, {"error": {"message": "no"}}
        return 200, {}, completion(body)

    chat.reply = second_fails
    ended = run(shop, workflow(shop, concurrency=1), "one", "two", "three")
    assert ended["status"] == "failed"
    assert ended["error"]["detail"]["item_index"] == 1
    assert ledger(shop)[("ai_input_tokens", "small-2026")] == 10
    assert len(chat.asked) == 2
