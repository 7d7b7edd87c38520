"""What the requirements ask for and may not have, and which imports nobody may bring."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from layers.codecheck import modules
from layers.codecheck.diagnostic import Diagnostic, Severity
from layers.packages.policies import Policies
from layers.packages.refusal import ForbiddenPackages
from layers.packages.requirements import RefusedRequirements, read_requirements

FORBIDDEN = "forbidden_package"


def check_requirements(requirements: Sequence[str], policies: Policies) -> Iterator[Diagnostic]:
    """Remark on refused forms and forbidden packages; they are no line of the code: 1, 1."""
    try:
        read = read_requirements(requirements)
    except RefusedRequirements as error:
        for one in error.errors:
            yield _remark("refused_requirement", one.message)
        return
    try:
        policies.check((one.name, one.pinned) for one in read)
    except ForbiddenPackages as error:
        for refusal in error.errors:
            yield _remark(FORBIDDEN, f"{refusal.message} Take it out of the requirements.")


def forbids(module: str, distributions: frozenset[str], policies: Policies) -> str | None:
    """Why no package may bring a module, or None where one may.

    ``distributions`` are the normalised names of the requirements. A module that only an allow
    list stands against is given the benefit of the doubt where one of them might bring it under
    another name.
    """
    if module.startswith("_"):
        return None
    own = [name for name in distributions if modules.is_covered(module, frozenset((name,)))]
    candidates = own or modules.brought_by(module)
    refusals = policies.refusals((name, None) for name in candidates)
    if len(refusals) < len(candidates):
        return None
    if not own and _may_come_otherwise(module, distributions, policies):
        return None
    return f"'{module}' may not be imported. {refusals[0].message}"


def _may_come_otherwise(module: str, distributions: frozenset[str], policies: Policies) -> bool:
    merged = policies.merged
    if any(name in merged.deny for name in modules.brought_by(module)) or merged.allow is None:
        return False
    if modules.is_covered(module, merged.allow):
        return True
    return bool(distributions) and not modules.is_known(module)


def _remark(code: str, message: str) -> Diagnostic:
    return Diagnostic(1, 1, Severity.ERROR, code, message)
