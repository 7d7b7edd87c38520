"""Tax ids: python-stdnum's check digits hold with real money, Stripe's test numbers without."""

from __future__ import annotations

import pytest

from billing.taxes.tax_ids import TYPES, is_for, tax_id_error, written


@pytest.mark.parametrize("kind", TYPES)
def test_the_examples_are_taken_in_test_mode(kind: str) -> None:
    assert tax_id_error(kind, TYPES[kind].example, "", test_mode=True) is None


@pytest.mark.parametrize(
    ("kind", "value", "country"),
    [
        ("eu_vat", "DE136695976", "DE"),
        ("eu_vat", "FR40303265045", "FR"),
        ("eu_vat", "EL 094259216", "GR"),
        ("gb_vat", "GB980780684", "GB"),
        ("us_ein", "91-1144442", "US"),
        ("au_abn", "83 914 571 673", "AU"),
    ],
)
def test_real_numbers_are_taken_with_real_money(kind: str, value: str, country: str) -> None:
    assert tax_id_error(kind, value, country, test_mode=False) is None
    assert is_for(kind, value, country)


def test_check_digits_count_with_real_money_only() -> None:
    wrong = tax_id_error("eu_vat", "DE123456789", "DE", test_mode=False)
    assert wrong is not None
    assert wrong.pointer == "/tax_id"
    assert "check digits" in wrong.message
    assert tax_id_error("eu_vat", "DE000000000", "DE", test_mode=False) is not None
    assert tax_id_error("eu_vat", "DE000000000", "DE", test_mode=True) is None


def test_how_they_are_written() -> None:
    assert written("eu_vat", " de 123 456 789 ") == "DE123456789"
    assert written("ch_vat", " CHE-123.456.789 MWST ") == "CHE-123.456.789 MWST"
