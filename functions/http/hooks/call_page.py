"""The page that asks a person to end a wait: plain HTML with a form, no script, nothing loaded.

It stands beside what workflows answer, so it may do nothing but send its form to where it is from:
``default-src 'none'`` and ``form-action 'self'`` (CSP level 3).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from html import escape

from starlette.responses import Response

from functions.http.hooks.call_texts import CallTexts
from layers.contract import CallPage, CallRules, Choice, ExpectedField
from layers.errors import FieldError

MEDIA_TYPE = "text/html"
STYLE = """
:root{color-scheme:light dark;--canvas:#f6f7f9;--surface:#fff;--line:#dfe3ea;--strong:#8b93a3;
--ink:#14181f;--soft:#4a5263;--accent:#4f46e5;--accent-ink:#fff;--danger:#a11d1d;--danger-soft:#fdeaea}
@media (prefers-color-scheme:dark){:root{--canvas:#0f1218;--surface:#161a22;--line:#2a313d;
--strong:#6c778b;--ink:#eef1f6;--soft:#b6bfce;--accent:#5d55e8;--danger:#ffa3a3;--danger-soft:#3b1717}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:flex;align-items:flex-start;justify-content:center;
background:var(--canvas);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue","Noto Sans",sans-serif;padding:clamp(16px,10vh,120px) 16px 16px}
main{width:100%;max-width:560px;background:var(--surface);border:1px solid var(--line);
border-radius:12px;padding:28px;overflow-wrap:anywhere}
h1{font-size:22px;line-height:1.3;margin:0 0 12px}
p{margin:0 0 16px;color:var(--soft);white-space:pre-wrap}
p:last-child{margin:0}
label{display:block;margin:0 0 16px;font-weight:600}
label span{font-weight:400;color:var(--soft)}
input,textarea{display:block;width:100%;margin-top:4px;padding:9px 11px;font:inherit;color:inherit;
background:var(--canvas);border:1px solid var(--strong);border-radius:8px}
label.check{display:flex;gap:10px;align-items:center}
label.check input{width:20px;height:20px;margin:0}
.buttons{display:flex;flex-wrap:wrap;gap:10px;margin-top:24px}
button{font:inherit;font-weight:600;min-height:44px;padding:9px 18px;border-radius:8px;
border:1px solid var(--strong);background:var(--surface);color:var(--ink);cursor:pointer;
flex:0 1 auto;max-width:100%;overflow-wrap:anywhere}
button.main{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
button.danger{border-color:var(--danger);color:var(--danger)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.wrong{background:var(--danger-soft);color:var(--danger);border-radius:8px;padding:12px 14px;
margin:0 0 16px}
.wrong ul{margin:4px 0 0;padding-left:20px}
@media (max-width:480px){button{flex:1 1 100%}main{padding:20px}}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; sandbox allow-forms"
)
"""For the edge to set, which lets nothing below ``/callbacks/`` choose its own."""
HEADERS = {
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex, nofollow",
    "vary": "Accept, Accept-Language",
}


def asking(
    texts: CallTexts,
    page: CallPage,
    rules: CallRules,
    wrong: Sequence[FieldError] = (),
) -> Response:
    """The page with its form; ``wrong`` is what was not right about the answer that came."""
    title = page.title or texts.title
    parts = [_heading(title), _paragraph(page.message or texts.message)]
    if wrong:
        listed = "".join(f"<li>{escape(_said(one, rules, texts))}</li>" for one in wrong)
        correct = escape(texts.correct)
        parts.append(f'<div class="wrong" role="alert">{correct}<ul>{listed}</ul></div>')
    inputs = "".join(_input(one, texts) for one in rules.expected)
    buttons = "".join(map(_button, rules.choices)) or (
        f'<button class="main">{escape(texts.go_on)}</button>'
    )
    parts.append(f'<form method="post">{inputs}<div class="buttons">{buttons}</div></form>')
    return _page(texts, title, parts, 422 if wrong else 200)


def thanking(texts: CallTexts, choice: str | None) -> Response:
    """The page after an answer has been kept."""
    parts = [_heading(texts.thanks)]
    if choice is not None:
        parts.append(_paragraph(texts.chosen.format(choice=choice)))
    parts.append(_paragraph(texts.recorded))
    return _page(texts, texts.thanks, parts, 202)


def refusing(texts: CallTexts, status: int, reason: str) -> Response:
    """The page where nothing can be answered, and why."""
    parts = [_heading(texts.refused), _paragraph(reason), _paragraph(texts.nothing_more)]
    return _page(texts, texts.refused, parts, status)


def _page(texts: CallTexts, title: str, parts: Sequence[str], status: int) -> Response:
    content = (
        f'<!doctype html><html lang="{texts.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    )
    return Response(content, status, HEADERS, media_type=MEDIA_TYPE)


def _heading(text: str) -> str:
    return f"<h1>{escape(text)}</h1>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _button(choice: Choice) -> str:
    value = escape(choice.value)
    return (
        f'<button name="choice" value="{value}" class="{choice.style}">'
        f"{escape(choice.title)}</button>"
    )


def _input(field: ExpectedField, texts: CallTexts) -> str:
    name = escape(field.name)
    title = escape(field.title or field.name)
    if field.kind == "boolean":
        box = f'<input type="checkbox" name="{name}" value="true">'
        return f'<label class="check">{box}{title}</label>'
    needed = " required" if field.required else ""
    hint = "" if field.required else f" <span>({escape(texts.optional)})</span>"
    if field.kind in ("number", "integer"):
        step = "any" if field.kind == "number" else "1"
        box = f'<input type="number" step="{step}" name="{name}"{needed}>'
    elif field.kind in ("object", "list"):
        box = f'<textarea rows="4" name="{name}"{needed}></textarea>'
    else:
        box = f'<input type="text" name="{name}"{needed} maxlength="10000">'
    return f"<label>{title}{hint}{box}</label>"


def _said(error: FieldError, rules: CallRules, texts: CallTexts) -> str:
    name = error.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    title = next((field.title or name for field in rules.expected if field.name == name), "")
    # What is wrong is said in English, for programs; a name is understood in every language.
    if texts.language != "en" and title:
        return title
    return f"{title}: {error.message}" if title else error.message
