"""An invoice as a PDF of our own, for where Stripe has none."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from sqlalchemy import Row

from billing.invoices.money import written
from layers import jsontext

GREY = "#5b6472"
RULE = "#d5d9e0"


def invoice_pdf(invoice: Row[Any], seller: str) -> bytes:
    """Set an invoice on A4: who sells, who buys with address and tax ids, lines, sums, state."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import SimpleDocTemplate

    data = jsontext.loads(invoice.data)
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=22 * mm,
        bottomMargin=20 * mm,
        title=f"Invoice {invoice.number or invoice.id}",
        author=seller,
    )
    document.build(_story(invoice, data, seller), onFirstPage=_foot, onLaterPages=_foot)
    return target.getvalue()


def _story(invoice: Row[Any], data: Mapping[str, Any], seller: str) -> list[Any]:
    from reportlab.lib.units import mm
    from reportlab.platypus import Paragraph, Spacer

    styles = _styles()
    return [
        Paragraph("Invoice", styles["title"]),
        Spacer(1, 2 * mm),
        _facts(invoice, data),
        Spacer(1, 8 * mm),
        _parties(data, seller),
        Spacer(1, 10 * mm),
        _lines(invoice, data),
        Spacer(1, 4 * mm),
        _sums(invoice, data),
        Spacer(1, 8 * mm),
        Paragraph(_state(invoice), styles["text"]),
    ]


def _facts(invoice: Row[Any], data: Mapping[str, Any]) -> Any:
    from reportlab.platypus import Table

    issued = data.get("finalized_at") or invoice.created_at
    rows = [
        ["Number", invoice.number or invoice.id],
        ["Date of issue", _day(issued)],
        ["Period", f"{_day(invoice.period_start)} to {_day(invoice.period_end)}"],
    ]
    return Table(_set(rows), colWidths=[90, 300], hAlign="LEFT", style=_PLAIN)


def _parties(data: Mapping[str, Any], seller: str) -> Any:
    from reportlab.platypus import Paragraph, Table

    styles = _styles()
    bill_to = [
        data.get("customer_name") or "",
        *_address(data.get("customer_address") or {}),
        data.get("customer_email") or "",
        *(_tax_id(one) for one in data.get("customer_tax_ids") or ()),
    ]
    cells = [
        Paragraph(
            "<b>From</b><br/>" + _joined([data.get("account_name") or seller]), styles["text"]
        ),
        Paragraph("<b>Bill to</b><br/>" + _joined(bill_to), styles["text"]),
    ]
    return Table([cells], colWidths=[240, 240], hAlign="LEFT", style=_PLAIN)


def _lines(invoice: Row[Any], data: Mapping[str, Any]) -> Any:
    from reportlab.platypus import Paragraph, Table

    styles = _styles()
    head = [
        Paragraph(f"<b>{text}</b>", styles[style])
        for text, style in (
            ("Description", "text"),
            ("Period", "text"),
            ("Quantity", "number"),
            ("Amount", "number"),
        )
    ]
    rows = [
        [
            Paragraph(escape(one["description"] or ""), styles["text"]),
            Paragraph(f"{_day(one['period_start'])}<br/>{_day(one['period_end'])}", styles["text"]),
            Paragraph("" if one["quantity"] is None else f"{one['quantity']:,}", styles["number"]),
            Paragraph(written(one["amount"], invoice.currency), styles["number"]),
        ]
        for one in data["lines"]
    ]
    style = [
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, GREY),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    widths = [220, 90, 70, 100]
    return Table([head, *rows], colWidths=widths, repeatRows=1, hAlign="LEFT", style=style)


def _sums(invoice: Row[Any], data: Mapping[str, Any]) -> Any:
    from reportlab.platypus import Table

    currency = invoice.currency
    rows = [["Subtotal", written(data.get("subtotal") or 0, currency)]]
    if data.get("tax"):
        rows.append(["Tax", written(data["tax"], currency)])
    rows.append(["Total", written(invoice.total, currency)])
    from_balance = invoice.total - invoice.amount_due
    if from_balance:
        rows.append(["From your balance", written(-from_balance, currency)])
    rows.append(["Amount due", written(invoice.amount_due, currency)])
    style = [("LINEABOVE", (0, -1), (-1, -1), 0.8, GREY)]
    return Table(_set(rows, last_bold=True), colWidths=[120, 100], hAlign="RIGHT", style=style)


def _state(invoice: Row[Any]) -> str:
    if invoice.status == "paid":
        return f"Paid on {_day(invoice.paid_at or invoice.created_at)}. Thank you."
    if invoice.status == "void":
        return "This invoice is void: nothing has to be paid."
    return "This invoice is collected from your payment method."


def _set(rows: list[list[str]], *, last_bold: bool = False) -> list[list[Any]]:
    from reportlab.platypus import Paragraph

    styles = _styles()
    found = []
    for number, (name, value) in enumerate(rows):
        bold = last_bold and number == len(rows) - 1
        text = f"<b>{escape(value)}</b>" if bold else escape(value)
        style = styles["number"] if last_bold else styles["text"]
        found.append([Paragraph(escape(name), styles["quiet"]), Paragraph(text, style)])
    return found


def _address(address: Mapping[str, Any]) -> list[str]:
    place = " ".join(part for part in (address.get("postal_code"), address.get("city")) if part)
    lines = (address.get("line1"), address.get("line2"), place, address.get("state"))
    return [one for one in (*lines, address.get("country")) if one]


def _tax_id(tax_id: Mapping[str, Any]) -> str:
    kind = str(tax_id.get("type", "")).replace("_", " ").upper()
    return f"{kind} {tax_id.get('value', '')}".strip()


def _joined(lines: list[str]) -> str:
    return "<br/>".join(escape(one) for one in lines if one)


def _day(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%d %b %Y")


def _foot(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(_font(), 8)
    canvas.setFillColor(GREY)
    canvas.drawRightString(document.pagesize[0] - 57, 34, f"Page {document.page}")
    canvas.restoreState()


_PLAIN = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]


@cache
def _font() -> str:
    """A font that comes with the library and has the letters of most of Europe."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name, file in (("Vera", "Vera.ttf"), ("VeraBd", "VeraBd.ttf")):
        pdfmetrics.registerFont(TTFont(name, file))
    pdfmetrics.registerFontFamily("Vera", normal="Vera", bold="VeraBd")
    return "Vera"


@cache
def _styles() -> dict[str, Any]:
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle

    font = _font()
    text = ParagraphStyle("text", fontName=font, fontSize=9, leading=12.5)
    return {
        "text": text,
        "quiet": ParagraphStyle("quiet", parent=text, textColor=GREY),
        "number": ParagraphStyle("number", parent=text, alignment=TA_RIGHT),
        "title": ParagraphStyle("title", fontName="VeraBd", fontSize=20, leading=26),
    }
