"""A language model asked from the editor, what it took, and a budget that stops it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.ai.chat_service import ChatService
from tests.e2e.browser import Visitor
from tests.e2e.product import Account
from tests.e2e.test_journeys import START, add, begin, flow, saved, set_node


def test_a_model_is_asked_counted_and_held_to_a_budget(
    member: Visitor, account: Account, chat: ChatService
) -> None:
    page = member.page
    document = flow(START, set_node("text", "Text", 1, text="live"), name="Asks")
    workflow = begin(account, document)
    page.goto(f"/workflows/{workflow}")
    page.locator(".react-flow__node").filter(has_text="Text").click()
    page.get_by_role("button", name="Add a node").click()
    add(page, "AI chat")
    panel = page.get_by_role("region", name="Node AI chat")
    panel.get_by_role("button", name="Write it: Model").click()
    panel.get_by_role("textbox", name="Model").fill("small")
    panel.get_by_role("textbox", name="Prompt").fill("{{ item.text }}")
    panel.get_by_role("textbox", name="Address of the service").fill(chat.base_url)
    saved(page)
    panel.get_by_role("button", name="Run node").click()
    panel.get_by_role("tab", name="Output").click()
    expect(panel.get_by_text("evil").last).to_be_visible()
    page.goto("/settings/billing")
    page.get_by_role("tab", name="Usage", exact=True).click()
    totals = page.get_by_role("region", name="Totals")
    expect(totals.get_by_text("AI tokens in")).to_be_visible()
    budget = {"scope": "execution", "meter": "ai_tokens", "amount": 500}
    account.call("POST", "/billing/budgets", json=budget)
    page.goto(f"/workflows/{workflow}")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("Failed", exact=True).first).to_be_visible()
    assert len(chat.asked) == 1
