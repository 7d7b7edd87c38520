"""What the pages of waits say, in the languages that there are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CallTexts:
    """The usual words of a page in one language; ``language`` is its BCP 47 tag."""

    language: str
    title: str
    message: str
    go_on: str
    thanks: str
    recorded: str
    chosen: str
    refused: str
    correct: str
    optional: str
    nothing_more: str


ENGLISH = CallTexts(
    language="en",
    title="Shall it go on?",
    message="A workflow waits for your answer. It goes on once you press the button.",
    go_on="Go on",
    thanks="Thank you",
    recorded="Your answer has arrived. You can close this page.",
    chosen="You chose: {choice}",
    refused="This cannot be answered",
    correct="Please correct this:",
    optional="optional",
    nothing_more="You can close this page.",
)
GERMAN = CallTexts(
    language="de",
    title="Soll es weitergehen?",
    message="Ein Workflow wartet auf Ihre Antwort. Er geht weiter, sobald Sie den Knopf drücken.",
    go_on="Weiter",
    thanks="Vielen Dank",
    recorded="Ihre Antwort ist angekommen. Sie können diese Seite schließen.",
    chosen="Sie haben gewählt: {choice}",
    refused="Hier gibt es nichts zu beantworten",
    correct="Bitte berichtigen Sie das:",
    optional="freiwillig",
    nothing_more="Sie können diese Seite schließen.",
)
GERMAN_REASONS = {
    "CalledAlready": "Das wurde schon beantwortet. Die erste Antwort zählt.",
    "WaitOver": "Die Ausführung wartet nicht mehr auf diese Antwort.",
    "CalledTooLate": "Die Zeit für diese Antwort ist vorbei.",
}


def texts_for(accepted: str) -> CallTexts:
    """The language that a reader likes best, by Accept-Language (RFC 9110 section 12.5.4)."""
    best: tuple[float, CallTexts] = (0.0, ENGLISH)
    for part in accepted.split(",")[:20]:
        tag, _, quality = part.partition(";")
        known = {"de": GERMAN, "en": ENGLISH}.get(tag.strip().lower().partition("-")[0])
        if known is not None and _weight(quality) > best[0]:
            best = (_weight(quality), known)
    return best[1]


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(float(value), 1.0)
    except ValueError:
        return 0.0
