"""Where to transfer money to, from what Stripe's funding instructions say."""

from __future__ import annotations

from billing.invoices.document.transfer import transfer_details


def test_an_iban_with_its_holder_and_the_number_as_reference() -> None:
    kept = {
        "type": "eu_bank_transfer",
        "country": "DE",
        "financial_addresses": [
            {
                "type": "iban",
                "iban": {
                    "account_holder_name": "Treadle GmbH",
                    "bic": "SXPYDEHH",
                    "country": "DE",
                    "iban": "DE11000000000000000101",
                },
                "supported_networks": ["sepa"],
            }
        ],
        "cash": {"eur": 0},
    }
    assert transfer_details(kept, "TRDL-0042") == [
        ("holder", "Treadle GmbH"),
        ("iban", "DE11000000000000000101"),
        ("bic", "SXPYDEHH"),
        ("reference", "TRDL-0042"),
    ]


def test_an_american_account() -> None:
    aba = {
        "account_holder_name": "Treadle",
        "account_number": "11119987600453127",
        "bank_name": "US Test Bank",
        "routing_number": "999999999",
    }
    kept = {"financial_addresses": [{"type": "aba", "aba": aba}]}
    assert dict(transfer_details(kept, "A-1"))["routing_number"] == "999999999"


def test_what_names_no_account_says_nothing() -> None:
    assert transfer_details({}, "A-1") == []
    assert transfer_details({"financial_addresses": []}, "A-1") == []
