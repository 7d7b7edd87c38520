"""All letters of all names, and names that want to harm."""

from __future__ import annotations

import io

import pypdf
import pytest

from billing.invoices.document.clean_text import breakable, cleaned
from billing.invoices.document.fonts import families
from billing.invoices.document.typesetting import pdf_of
from tests.billing.documents.reading import fonts_of, pages_of, text_of
from tests.billing.documents.samples import document, invoice, line

NAMES = (
    "株式会社テスト",
    "Київ Ельблонґ ўзбек",
    "Ελλάδα Άγιος",
    "Łódź źdźbło",
    "Nguyễn Thị Hồng Đặng",
    "İstanbul Şişli ığ",
    "上海测试有限公司",
    "臺灣測試股份有限公司",
    "한국 주식회사",
    "हिन्दी क्षेत्र कंपनी",
    "ภาษาไทย ที่นี่",
    "საქართველო",
    "Հայաստան",
    "বাংলা লিমিটেড",
    "Company 🚀 ✓",
    "𠮷野家",
)
RIGHT_TO_LEFT = ("شركة الاختبار المحدودة", "חברה בע״מ")


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_has_a_glyph_and_can_be_read_back(name: str) -> None:
    content = pdf_of(document(invoice([line("Treadle Pro", 2000)], customer_name=name)))
    # PDF/A-3a forbids a glyph that is none: what could not be set would not be one.
    assert _is_pdf_a(content)
    # Thai and Devanagari come back in the order in which they are drawn.
    assert set(cleaned(name)) <= set(text_of(content))


def test_a_letter_that_no_font_has_would_be_seen_by_these_tests() -> None:
    content = pdf_of(document(invoice([line("Treadle Pro", 2000)], customer_name="ꀀ")))
    assert not _is_pdf_a(content)


@pytest.mark.parametrize("name", RIGHT_TO_LEFT)
def test_scripts_from_right_to_left_are_shaped(name: str) -> None:
    content = pdf_of(document(invoice([line("Treadle Pro", 2000)], customer_name=name)))
    assert _is_pdf_a(content)
    assert any("Arabic" in one or "Hebrew" in one for one in fonts_of(content))


def test_fonts_are_embedded_and_hold_what_is_used_only() -> None:
    fonts = fonts_of(
        pdf_of(document(invoice([line("Treadle Pro", 2000)], customer_name="株式会社テスト")))
    )
    assert len(fonts) >= 2
    for name, description in fonts.items():
        assert name[1:7].isupper(), name
        assert name[7] == "+", name
        assert any(f"/FontFile{kind}" in description for kind in ("", "2", "3")), name


def test_a_document_is_tagged_and_tells_its_title_and_language() -> None:
    found = pypdf.PdfReader(
        io.BytesIO(pdf_of(document(invoice([line("Treadle Pro", 2000)]), "de")))
    )
    root = found.trailer["/Root"].get_object()
    assert root["/MarkInfo"]["/Marked"] is True or bool(root["/MarkInfo"]["/Marked"])
    assert str(root["/Lang"]).startswith("de")
    assert "/StructTreeRoot" in root
    assert found.metadata is not None
    assert found.metadata.title == "Rechnung TRDL-0042"


def test_chinese_characters_have_the_forms_of_the_buyers_country() -> None:
    assert "Noto Sans CJK TC" in families("臺灣", "TW", "en")
    assert "Noto Sans CJK SC" in families("上海", "CN", "ja")
    assert "Noto Sans CJK JP" in families("東京", "JP", "zh")
    assert "Noto Sans CJK JP" in families("テスト", "DE", "en")
    assert "Noto Sans CJK KR" in families("한국", "", "en")


@pytest.mark.parametrize(
    "name",
    [
        '#import "/etc/passwd" #panic() $x$ *b* <b>&amp;</b> \\ `raw` @ref',
        "safe\u202eevil\u202c",
        "\x00\x1b[31m\x7f",
        "x" * 10_000,
        "ا" * 10_000,
        "a\u0301" * 5_000,
        "\ue000 private",
        "ꀀ Yi, which no font here has",
        "",
    ],
)
def test_hostile_names_harm_nothing(name: str) -> None:
    stripes = invoice(
        [line(name or "–", 2000)],
        customer_name=name,
        customer_address={"line1": name, "city": name, "country": "ZZ"},
        customer_tax_ids=[{"type": name[:20], "value": name}],
        description=name,
        number=name or None,
    )
    content = pdf_of(document(stripes))
    assert content.startswith(b"%PDF")
    assert "€20.00" in text_of(content)
    assert len(pages_of(content)) <= 4


def test_markup_is_text() -> None:
    name = "#strong[x] *b* $y$ <b>"
    assert name in text_of(
        pdf_of(document(invoice([line("Treadle Pro", 2000)], customer_name=name)))
    )


def test_text_is_cleaned_of_what_turns_and_hides() -> None:
    assert cleaned("safe\u202e01\u202c") == "safe01"
    assert cleaned("a\x00b\nc\td") == "ab c d"
    assert cleaned("e\u0301") == "é"
    assert cleaned("\ud800x") == "�x"
    assert cleaned("x" * 600) == "x" * 499 + "…"
    assert cleaned(None) == ""


def test_long_words_may_break_but_never_before_their_marks() -> None:
    assert breakable("short words stay") == "short words stay"
    broken = breakable("a" * 30 + "e\u0323" * 10)
    assert "\u200b" in broken
    assert "\u200b\u0323" not in broken


def _is_pdf_a(content: bytes) -> bool:
    return b"pdfaid:part" in content or "pdfaid:part" in str(
        pypdf.PdfReader(io.BytesIO(content)).trailer["/Root"]["/Metadata"].get_data()
    )
