"""What documents say: by hand, from what Stripe's data means."""

from __future__ import annotations

import pytest

from billing.invoices.document.catalogue import LANGUAGES, texts
from billing.invoices.document.facts import Paid, Referred
from billing.invoices.document.typesetting import pdf_of
from tests.billing.documents.reading import pages_of, size_of, text_of
from tests.billing.documents.samples import credit_note, document, invoice, line, moment, tax


def test_a_taxed_and_discounted_invoice_adds_up_line_by_line() -> None:
    stripes = invoice(
        [
            line("2 × Treadle Pro", 4000, quantity=2, unit="2000", taxes=[tax(570, 3000)]),
            line(
                "12345 × Executions",
                2469,
                quantity=12345,
                unit="0.2",
                product="treadle_pro_executions",
                taxes=[tax(469, 2469)],
            ),
        ],
        total_discount_amounts=[
            {
                "amount": 1000,
                "discount": {"source": {"coupon": {"name": "WELCOME", "percent_off": 25}}},
            }
        ],
        total_taxes=[tax(1039, 5469)],
        total=6508,
    )
    said = text_of(pdf_of(document(stripes, payments=[Paid(moment(2026, 2, 28), 6508, "Visa")])))
    for wanted in (
        "Invoice Number TRDL-0042",
        "Date of issue 28 February 2026",
        "Period of service 28 Feb 2026 – 31 Mar 2026",
        "Łódź Software Spółka z o.o.",
        "90-001 Łódź Poland VAT ID PL1234567883",
        "10115 Berlin Germany buyer@example.com VAT ID DE123456789",
        "2 €20.00 19% €40.00",
        "12,345 €0.002 19% €24.69",
        "Usage beyond what the plan includes",
        "Subtotal €64.69",
        "Discount WELCOME 25% −€10.00",
        "Total without tax €54.69",
        "VAT 19% on €54.69 €10.39",
        "Total €65.08",
        "Amount due €0.00",
        "€65.08 paid on 28 February 2026 by Visa",
        "Page 1 of 1",
    ):
        assert wanted in said, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_all_of_it(language: str) -> None:
    reverse = tax(0, 2000, taxability_reason="reverse_charge")
    stripes = invoice(
        [line("Treadle Pro", 2000, taxes=[reverse])],
        total_taxes=[reverse],
        customer_tax_exempt="reverse",
    )
    content = pdf_of(document(stripes, language, rates={}))
    said, names = text_of(content).replace(" ", ""), texts(language)
    for name in ("invoice", "number", "issued", "period", "seller", "buyer", "total"):
        assert names[name].replace(" ", "") in said, name
    assert names["reverse_charge"].replace(" ", "") in said
    assert "DE123456789" in said


def test_catalogues_have_the_same_texts_with_the_same_gaps() -> None:
    english = texts("en")
    for language in LANGUAGES:
        found = texts(language)
        assert list(found) == list(english), language
        for name, wanted in english.items():
            gaps = {gap.split("}")[0] for gap in wanted.split("{")[1:]}
            ours = {gap.split("}")[0] for gap in found[name].split("{")[1:]}
            assert gaps == ours, (language, name)
            assert found[name].strip(), (language, name)


def test_a_negative_invoice_adds_to_the_balance_and_thanks_nobody() -> None:
    stripes = invoice([line("Unused time", -4000, proration=True)])
    said = text_of(pdf_of(document(stripes)))
    assert "Total −€40.00" in said
    assert "Added to your balance €40.00" in said
    assert "Amount due €0.00" in said
    assert "Nothing has to be paid." in said
    assert "Thank you" not in said


def test_a_balance_that_pays_is_taken_off() -> None:
    stripes = invoice(
        [line("Treadle Pro", 2000)],
        starting_balance=-500,
        ending_balance=0,
        amount_due=1500,
        amount_paid=1500,
    )
    said = text_of(pdf_of(document(stripes)))
    assert "Paid from your balance −€5.00 Amount paid −€15.00 Amount due €0.00" in said


def test_what_is_owed_from_before_is_added() -> None:
    stripes = invoice(
        [line("Treadle Pro", 2000)],
        starting_balance=300,
        ending_balance=0,
        amount_due=2300,
        amount_paid=2300,
    )
    assert "Owed from earlier €3.00" in text_of(pdf_of(document(stripes)))


def test_what_is_too_little_to_collect_is_carried_over() -> None:
    stripes = invoice([line("Treadle Pro", 20)], ending_balance=20, amount_due=0, amount_paid=0)
    assert "Carried over to your next invoice −€0.20" in text_of(pdf_of(document(stripes)))


def test_a_credit_note_before_payment_is_no_balance() -> None:
    stripes = invoice(
        [line("Treadle Pro", 2000)],
        status="open",
        amount_due=1500,
        amount_paid=0,
        pre_payment_credit_notes_amount=500,
        status_transitions={"finalized_at": moment(2026, 2, 28)},
    )
    notes = [Referred("TRDL-0042-CN-01", moment(2026, 3, 1), 500)]
    said = text_of(pdf_of(document(stripes, credit_notes=notes)))
    assert "Credit notes −€5.00 Amount due €15.00" in said
    assert "balance" not in said
    assert "Credit note TRDL-0042-CN-01 of 1 March 2026: €5.00" in said


def test_a_credit_note_names_its_invoice_and_where_the_money_went() -> None:
    kept = {
        "subtotal": 420,
        "taxes": [{"amount": 80, "taxable_amount": 420}],
        "lines": [{"description": "Outage", "quantity": 1, "amount": 420, "taxes": []}],
        "refunded": 300,
        "to_balance": 200,
        "memo": "Outage on 3 March",
    }
    stripes = invoice(
        [line("Treadle Pro", 2000, taxes=[tax(380, 2000)])],
        total_taxes=[tax(380, 2000)],
        total=2380,
    )
    said = text_of(pdf_of(credit_note(stripes, kept)))
    for wanted in (
        "Credit note Number TRDL-0042-CN-01",
        "For invoice TRDL-0042 (28 February 2026)",
        "Total without tax €4.20",
        "VAT 19% on €4.20 €0.80",
        "Total credited €5.00",
        "Paid back to your payment method €3.00",
        "Added to your balance €2.00",
        "Outage on 3 March",
    ):
        assert wanted in said, said


def test_a_trial_says_that_it_is_one() -> None:
    stripes = invoice([line("Trial period for Treadle Pro", 0, unit="0")])
    said = text_of(pdf_of(document(stripes)))
    assert "Trial period for Treadle Pro Trial period" in said
    assert "Total €0.00" in said
    assert "Nothing has to be paid." in said


def test_yen_have_no_decimals_and_taxes_within_are_told_per_rate() -> None:
    inside = tax(273, 2727, tax_behavior="inclusive")
    rates = {"txr_19": {"id": "txr_19", "percentage": 10, "display_name": "消費税"}}
    stripes = invoice(
        [line("Treadle Pro", 3000, taxes=[inside])],
        currency="jpy",
        total_taxes=[inside],
        customer_tax_ids=[{"type": "jp_trn", "value": "T1234567890123"}],
    )
    said = text_of(pdf_of(document(stripes, "ja", rates=rates))).replace(" ", "")
    assert "合計￥3,000" in said
    assert "内消費税10%（対象額￥2,727）￥273" in said
    assert "登録番号T1234567890123" in said
    assert "3,000.00" not in said


def test_an_open_invoice_by_transfer_says_where_to_and_by_when() -> None:
    stripes = invoice(
        [line("Treadle Enterprise", 90000)],
        status="open",
        amount_paid=0,
        collection_method="send_invoice",
        due_date=moment(2026, 3, 30),
        status_transitions={"finalized_at": moment(2026, 2, 28)},
    )
    to = [("holder", "Treadle"), ("iban", "DE89370400440532013000"), ("reference", "TRDL-0042")]
    said = text_of(pdf_of(document(stripes, transfer=to)))
    assert "Due on 30 March 2026" in said
    assert "Bank transfer Account holder Treadle IBAN DE89370400440532013000" in said
    assert "Reference TRDL-0042" in said


@pytest.mark.parametrize(
    ("status", "moments", "wanted"),
    [
        ("void", {"voided_at": moment(2026, 3, 2)}, "made void on 2 March 2026"),
        (
            "uncollectible",
            {"marked_uncollectible_at": moment(2026, 3, 2)},
            "written off on 2 March 2026",
        ),
        ("draft", {}, "This is a draft"),
        ("open", {}, "collected from your payment method"),
    ],
)
def test_how_it_stands_is_said(status: str, moments: dict[str, float], wanted: str) -> None:
    stripes = invoice(
        [line("Treadle Pro", 2000)], status=status, amount_paid=0, status_transitions=moments
    )
    assert wanted in text_of(pdf_of(document(stripes)))


def test_two_hundred_lines_take_pages_with_heads_and_numbers() -> None:
    lines = [line(f"Line {number}", number) for number in range(200)]
    pages = pages_of(pdf_of(document(invoice(lines))))
    assert len(pages) == 6
    for number, page in enumerate(pages, 1):
        assert "Unit price" in page
        assert f"Page {number} of 6" in page
    assert "Total" in pages[-1]


def test_paper_follows_the_buyers_country() -> None:
    stripes = invoice([line("Treadle Pro", 2000)])
    assert size_of(pdf_of(document(stripes))) == (595, 842)
    stripes["customer_address"]["country"] = "US"
    assert size_of(pdf_of(document(stripes))) == (612, 792)


def test_a_price_of_a_part_of_a_period_is_not_told_as_the_price_of_one() -> None:
    stripes = invoice([line("Remaining time", 1333, unit="2000", proration=True)])
    said = text_of(pdf_of(document(stripes)))
    assert "Unit price" not in said
    assert "For the time that remains" in said
