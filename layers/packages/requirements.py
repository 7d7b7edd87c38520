"""Requirements as authors write them: a package of the index by name, and nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.utils import canonicalize_name

from layers.errors import FieldError
from layers.packages.refusal import PackagesRefused

LONGEST = 300
"""Characters of one requirement."""
MOST = 50
"""Requirements of one step."""

BY_NAME = "name a package of the index instead, such as 'requests>=2.31,<3'"
_INDEX_OPTION = re.compile(
    r"(^|\s)(-[if]|--((extra|default)-)?index(-url)?|--find-links|--no-index|--trusted-host)(\s|=|$)"
)
_FILE_OPTION = re.compile(r"^(-[rce]|--requirements?|--constraints?|--editable)")
_OPTION = re.compile(r"(^|\s)--?[A-Za-z]")
_VERSION_CONTROL = re.compile(r"(^|[\s@])(git|hg|svn|bzr)\+", re.IGNORECASE)
_ADDRESS = re.compile(r"@|://|^(file|https?|ftp|ssh):", re.IGNORECASE)
_PATH = re.compile(
    r"^[.~]|[/\\]|^[A-Za-z]:|\.(whl|zip|gz|tgz|bz2|xz|txt|toml|cfg|py)$", re.IGNORECASE
)


class RefusedRequirement(ValueError):
    """One text that is no requirement, or one of a form that is not taken; says what to do."""


class RefusedRequirements(PackagesRefused):
    """The requirements are not valid; see the errors."""


@dataclass(frozen=True)
class Requirement:
    """A requirement that was read: ``name`` is normalised (PEP 503), ``text`` canonical.

    Two texts that ask for the same give the same ``text``. ``pinned`` is the one version that
    it allows, where it is an exact one.
    """

    name: str
    text: str
    marker: str = ""
    pinned: str | None = None


def read_requirement(text: str) -> Requirement:
    """Read one requirement (PEP 508 without addresses); raises RefusedRequirement."""
    _check_text(text)
    stripped = text.strip()
    _check_form(stripped)
    try:
        parsed = Parsed(stripped)
    except InvalidRequirement as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise RefusedRequirement(
            f"It cannot be read ({reason}); write a name and the versions that will do, such as "
            "'requests>=2.31,<3'."
        ) from error
    except RecursionError as error:
        raise RefusedRequirement("Its marker is nested too deeply; simplify it.") from error
    return _described(parsed)


def read_requirements(texts: Sequence[str]) -> tuple[Requirement, ...]:
    """Read all requirements of a step.

    Raises RefusedRequirements with a pointer such as ``/requirements/2`` to each mistake.
    """
    read: list[Requirement] = []
    errors: list[FieldError] = []
    if len(texts) > MOST:
        message = f"There are more than {MOST}; name only what the code imports."
        raise RefusedRequirements(message, errors=[FieldError("/requirements", message)])
    for index, text in enumerate(texts):
        try:
            one = read_requirement(text)
            _check_new(one, read)
        except RefusedRequirement as error:
            shown = text if len(text) <= 60 else f"{text[:59]}…"
            errors.append(FieldError(f"/requirements/{index}", f"{shown!r}: {error}"))
            continue
        read.append(one)
    if errors:
        raise RefusedRequirements(" ".join(one.message for one in errors), errors=errors)
    return tuple(read)


def digest_of(requirements: Iterable[Requirement]) -> str:
    """The SHA-256 of what is asked for, whatever the order and spelling."""
    return hashlib.sha256("\n".join(sorted(one.text for one in requirements)).encode()).hexdigest()


def _check_text(text: str) -> None:
    if not text.strip():
        raise RefusedRequirement("It is empty; name a package in it, or take it out.")
    if len(text) > LONGEST:
        raise RefusedRequirement(
            f"It is longer than {LONGEST} characters; write the name and the bounds only."
        )
    if not text.isprintable():
        raise RefusedRequirement(
            "It holds a line break or another control character; write one package in each."
        )


def _check_form(text: str) -> None:
    """Tell the forms that installers know and a step does not, each with its remedy."""
    before_marker = text.partition(";")[0].strip()
    if _INDEX_OPTION.search(text):
        raise RefusedRequirement(
            f"The index is the instance's and no step's own to choose; {BY_NAME}."
        )
    if _FILE_OPTION.match(text):
        raise RefusedRequirement(
            "There are no files that could be read here; write each requirement out."
        )
    if _OPTION.search(before_marker):
        raise RefusedRequirement(f"Options are not taken; {BY_NAME}.")
    if _VERSION_CONTROL.search(text):
        raise RefusedRequirement(f"Nothing is fetched from version control; {BY_NAME}.")
    if _ADDRESS.search(before_marker):
        raise RefusedRequirement(f"Nothing is fetched from an address; {BY_NAME}.")
    if _PATH.search(before_marker):
        raise RefusedRequirement(f"There are no files that could be installed; {BY_NAME}.")
    if "#" in before_marker:
        raise RefusedRequirement("Comments are not taken; leave it out.")
    if "===" in before_marker:
        raise RefusedRequirement("'===' compares texts and not versions; write '=='.")


def _described(parsed: Parsed) -> Requirement:
    name = canonicalize_name(parsed.name)
    parsed.name = name
    parsed.extras = {canonicalize_name(extra) for extra in parsed.extras}
    exact = [one.version for one in parsed.specifier if one.operator == "=="]
    pinned = next((version for version in exact if not version.endswith(".*")), None)
    return Requirement(name, str(parsed), str(parsed.marker or ""), pinned)


def _check_new(one: Requirement, earlier: Iterable[Requirement]) -> None:
    """Refuse a name that comes twice, unless markers tell when which of them counts."""
    for other in earlier:
        if other.name != one.name:
            continue
        if not one.marker or not other.marker or one.marker == other.marker:
            raise RefusedRequirement(
                f"{one.name!r} is named twice; put all bounds into one requirement."
            )
