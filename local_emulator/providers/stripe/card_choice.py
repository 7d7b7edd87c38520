"""The part of a page on which a payment method for tests is chosen."""

from __future__ import annotations

from html import escape

from local_emulator.providers.stripe.payment_methods import KINDS

QUICK = {"pm_card_visa": "4242 4242 4242 4242", "pm_card_chargeDeclined": "4000 … 0002"}
WORDS = {
    "never": "",
    "always": ", the bank asks each time",
    "unless_set_up": ", the bank asks unless it was set up",
    "on_session": ", the bank asks while somebody is there",
}


def card_form(verb: str = "Pay") -> str:
    """Buttons for the two cards that are used most, and a list of all."""
    buttons = "".join(
        f"<button name=card value={name}>{verb} with {digits}</button>"
        for name, digits in QUICK.items()
    )
    seen: set[str] = set()
    options = ""
    for name, kind in KINDS.items():
        if kind.number not in seen:
            seen.add(kind.number)
            refused = f", refused: {kind.refused}" if kind.refused else ""
            words = f"{_grouped(kind.number)} {kind.brand}{refused}{WORDS[kind.consent]}"
            if kind.type != "card":
                words = f"{kind.type} {kind.number}{refused}, takes four days"
            options += f"<option value={name}>{escape(words)}</option>"
    return (
        f"<form method=post>{buttons}</form>"
        "<form method=post><label>Any method for tests<br>"
        f"<select name=card>{options}</select></label><button>{verb}</button></form>"
    )


def _grouped(digits: str) -> str:
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
