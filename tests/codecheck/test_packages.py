"""Remarks on packages: forms that are refused, and what the policies forbid."""

from __future__ import annotations

from typing import Any

import pytest

from layers.codecheck import Severity, check
from layers.packages.policies import Policies
from layers.packages.policy import PackagePolicy

GOOD = "def run(items):\n    return items\n"


def workspace(**rules: Any) -> Policies:
    return Policies(workspace=PackagePolicy.from_json(rules))


def kinds(module: str, requirements: tuple[str, ...], policies: Policies) -> list[str]:
    return [one.code for one in check(f"import {module}\n{GOOD}", requirements, policies=policies)]


FORBIDDEN = ["forbidden_package"]
BOTH = ["forbidden_package", "forbidden_package"]


@pytest.mark.parametrize(
    ("module", "requirements", "rules", "expected"),
    [
        ("evil", (), {"deny": ["evil"]}, FORBIDDEN),
        ("evil.sub", (), {"deny": ["evil"]}, FORBIDDEN),
        ("evil", ("evil>=1",), {"deny": ["evil"]}, BOTH),
        ("yaml", (), {"deny": ["PyYAML"]}, FORBIDDEN),
        ("yaml", (), {"deny": ["yaml"]}, ["undeclared_import"]),
        ("dateutil", ("python-dateutil",), {"deny": ["python_dateutil"]}, BOTH),
        # One of two that could bring it is left.
        ("cv2", (), {"deny": ["opencv-python"]}, ["undeclared_import"]),
        ("cv2", (), {"deny": ["opencv-python", "opencv-python-headless"]}, FORBIDDEN),
        ("cv2", ("opencv-python",), {"deny": ["opencv-python"]}, BOTH),
        ("json", (), {"deny": ["json"]}, []),
        ("numpy", (), {"allow": ["requests"]}, FORBIDDEN),
        ("numpy", ("numpy",), {"allow": ["requests"]}, BOTH),
        ("numpy", (), {"allow": ["numpy"]}, ["undeclared_import"]),
        ("requests", ("requests",), {"allow": ["requests"]}, []),
        ("yaml", ("requests",), {"allow": ["requests"]}, FORBIDDEN),
        # It may come with matplotlib under a name that nobody here knows.
        ("mpl_toolkits", ("matplotlib",), {"allow": ["matplotlib"]}, ["undeclared_import"]),
        ("_cffi_backend", (), {"allow": ["cffi"]}, ["undeclared_import"]),
        ("old", ("old==1.0",), {"floors": {"old": "2"}}, FORBIDDEN),
        ("old", ("old>=1.0",), {"floors": {"old": "2"}}, []),
    ],
)
def test_imports_and_requirements_are_held_against_the_policy(
    module: str, requirements: tuple[str, ...], rules: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(module, requirements, workspace(**rules)) == expected


def test_a_forbidden_import_is_marked_where_it_stands() -> None:
    code = f"import json\nif json:\n    from evil.part import x\n{GOOD}"
    (found,) = check(code, policies=Policies(instance=PackagePolicy(deny=frozenset({"evil"}))))
    assert (found.line, found.column, found.end_line, found.end_column) == (3, 5, 3, 28)
    assert found.severity is Severity.ERROR
    assert found.message == (
        "'evil' may not be imported. The package evil is denied by the policy of this instance."
    )


def test_an_import_whose_absence_is_caught_may_be_forbidden() -> None:
    code = f"try:\n    import evil\nexcept ImportError:\n    evil = None\n{GOOD}"
    assert check(code, policies=workspace(deny=["evil"])) == []


def test_each_refused_form_is_a_remark_of_its_own() -> None:
    found = check(GOOD, ["-r x", "ok", "https://example.com/x"])
    assert [(one.line, one.column, one.code) for one in found] == [
        (1, 1, "refused_requirement"),
        (1, 1, "refused_requirement"),
    ]
    assert [one.severity for one in found] == [Severity.ERROR] * 2
    assert "'-r x'" in found[0].message
    assert "'https://example.com/x'" in found[1].message


def test_requirements_are_remarked_on_though_the_code_cannot_be_read() -> None:
    found = check("def", ["-r x"])
    assert [one.code for one in found] == ["refused_requirement", "syntax"]
