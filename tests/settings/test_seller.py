"""Who sells, as the environment or a file says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from functions.checks import seller
from layers.errors import SetupError
from layers.settings import load_settings
from layers.settings.seller import SellerSettings, load_seller

WHOLE = {
    "name": "Treadle GmbH",
    "address": ["Hauptstraße 1", "10115 Berlin"],
    "country": "DE",
    "tax_ids": [{"type": "eu_vat", "value": "DE123456789"}],
    "email": "billing@example.org",
    "phone": "+49 30 1",
    "registration": "Amtsgericht Berlin HRB 1",
    "bank": ["IBAN DE89 3704 0044 0532 0130 00"],
    "footer": ["Geschäftsführerin: Ada Example"],
    "language": "de",
}


def test_nothing_set_is_a_seller_who_lacks_what_invoices_need() -> None:
    found = load_seller({})
    assert found == SellerSettings()
    assert found.missing == ["name", "address", "country", "tax_ids"]


def test_variables_tell_the_seller() -> None:
    found = load_seller(
        {
            "TREADLE_SELLER_NAME": "Treadle GmbH",
            "TREADLE_SELLER_ADDRESS": "Hauptstraße 1 | 10115 Berlin",
            "TREADLE_SELLER_COUNTRY": "de",
            "TREADLE_SELLER_TAX_IDS": "eu_vat DE123456789, de_stn 12/345/67890",
            "TREADLE_SELLER_BANK": "IBAN DE89 3704 0044 0532 0130 00\nBIC COBADEFFXXX",
        }
    )
    assert found.address == ("Hauptstraße 1", "10115 Berlin")
    assert found.country == "DE"
    assert found.tax_ids == (("eu_vat", "DE123456789"), ("de_stn", "12/345/67890"))
    assert found.bank == ("IBAN DE89 3704 0044 0532 0130 00", "BIC COBADEFFXXX")
    assert not found.missing


def test_a_file_tells_the_seller_and_variables_go_before_it(tmp_path: Path) -> None:
    path = tmp_path / "seller.json"
    path.write_text(json.dumps(WHOLE))
    env = {"TREADLE_SELLER": str(path), "TREADLE_SELLER_NAME": "Another"}
    found = load_seller(env)
    assert found.name == "Another"
    assert found.registration == "Amtsgericht Berlin HRB 1"
    assert found.kept()["tax_ids"] == (("eu_vat", "DE123456789"),)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"TREADLE_SELLER_COUNTRY": "Germany"}, "TREADLE_SELLER_COUNTRY is wrong"),
        ({"TREADLE_SELLER_COUNTRY": "Germany"}, "two capital letters"),
        ({"TREADLE_SELLER_EMAIL": "nobody"}, "TREADLE_SELLER_EMAIL is wrong"),
        ({"TREADLE_SELLER_TAX_IDS": "DE123456789"}, "TREADLE_SELLER_TAX_IDS[0].type is wrong"),
        ({"TREADLE_SELLER_LANGUAGE": "tlh"}, "one of en, de"),
        ({"TREADLE_SELLER": "/nowhere.json"}, "/nowhere.json could not be read"),
    ],
)
def test_what_is_wrong_is_named(env: dict[str, str], said: str) -> None:
    with pytest.raises(SetupError) as caught:
        load_seller(env)
    assert said in caught.value.detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold an object"),
        ('{"vat": "DE1"}', "The fields are name, address"),
        ('{"address": "Hauptstraße 1"}', "address is wrong"),
        ('{"tax_ids": [{"type": "eu_vat"}]}', "tax_ids[0].value is wrong"),
    ],
)
def test_a_wrong_file_names_the_field(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "seller.json"
    path.write_text(text)
    with pytest.raises(SetupError) as caught:
        load_seller({"TREADLE_SELLER": str(path)})
    assert said in caught.value.detail


def test_the_doctor_says_what_invoices_lack() -> None:
    env = {"TREADLE_BILLING": "on", "TREADLE_SELLER_NAME": "Treadle GmbH"}
    found = seller(load_settings(env))
    assert not found.good
    assert not found.needed
    assert "address, country, tax_ids" in found.text
    whole = {
        **env,
        "TREADLE_SELLER_ADDRESS": "Hauptstraße 1|10115 Berlin",
        "TREADLE_SELLER_COUNTRY": "DE",
        "TREADLE_SELLER_TAX_IDS": "eu_vat DE123456789",
    }
    assert seller(load_settings(whole)).good
    assert seller(load_settings({"TREADLE_BILLING": "off"})).good
