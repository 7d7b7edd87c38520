"""Reads requirements and refuses every form that is not a name with versions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from packaging.requirements import InvalidRequirement, Requirement

from sandbox_runner.packages.errors import Refused

MOST_LINES = 50
_LONGEST = 200
# In this order: the first that fits names the mistake best.
_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[\x00-\x1f\x7f]"), "has a control character or a line break; give one a line"),
    (re.compile(r"\$|%\w+%"), "uses a variable; write the text itself"),
    (
        re.compile(r"^(-r|-c|--requirements?|--constraints?)\b"),
        "names another file; list its packages here instead",
    ),
    (re.compile(r"^(-e|--editable)\b"), "is an editable install; name a released package"),
    (
        re.compile(r"^(-i|-f|--[a-z-]*(index|find-links|trusted-host)[a-z-]*)\b"),
        "sets a package index; the index is the instance's own",
    ),
    (re.compile(r"(^|\s)-"), "has an option; give a name and versions only"),
    (
        re.compile(r"^\w+\+|(^|@)\s*(git|hg|svn|bzr)[+@:]"),
        "is a repository; name a released package",
    ),
    (re.compile(r"://|@"), "is an address; name a package of the index"),
    (re.compile(r"^[.~]|[/\\]|\.(whl|tar\.gz|zip|egg)$"), "is a path; name a package of the index"),
    (re.compile(r"==="), "compares with '==='; use '=='"),
)


def read_requirements(lines: Sequence[str]) -> tuple[str, ...]:
    """Return each line in its canonical form; raises Refused naming the line and the remedy."""
    if len(lines) > MOST_LINES:
        raise Refused(f"There are {len(lines)} requirements; {MOST_LINES} may be given.")
    return tuple(_read(number, line) for number, line in enumerate(lines, start=1))


def _read(number: int, line: str) -> str:
    text = line.strip(" ")
    where = f"Line {number} of the requirements, {text[:_LONGEST]!r},"
    if len(text) > _LONGEST:
        raise Refused(f"{where} is longer than {_LONGEST} characters.")
    for form, remedy in _FORMS:
        if form.search(text):
            raise Refused(f"{where} {remedy}.")
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0].rstrip(".:")
        raise Refused(f"{where} cannot be read: {reason}. Write it like 'six>=1.16'.") from error
    return str(requirement)
