"""The instance's package policy, as the environment says it."""

from __future__ import annotations

import pytest

from layers.errors import SetupError
from layers.packages.policy import ANYTHING
from layers.settings import load_settings


def test_without_settings_everything_is_allowed_and_nothing_built() -> None:
    assert load_settings({}).packages == ANYTHING
    empty = {f"TREADLE_PACKAGES_{name}": " " for name in ("ALLOW", "DENY", "FLOORS")}
    assert load_settings({**empty, "TREADLE_PACKAGES_SOURCE_BUILDS": ""}).packages == ANYTHING


def test_the_policy_is_read_and_its_names_normalised() -> None:
    found = load_settings(
        {
            "TREADLE_PACKAGES_ALLOW": "Requests, ruamel.yaml",
            "TREADLE_PACKAGES_DENY": "evil",
            "TREADLE_PACKAGES_FLOORS": "urllib3>=2.2, Requests >= 2.31",
            "TREADLE_PACKAGES_SOURCE_BUILDS": "true",
        }
    )
    assert found.packages.as_json() == {
        "allow": ["requests", "ruamel-yaml"],
        "deny": ["evil"],
        "floors": {"requests": "2.31", "urllib3": "2.2"},
        "source_builds": True,
    }


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("ALLOW", "a,b>=1", "ALLOW: 'b>=1' is not the name of a package"),
        ("DENY", "git+https://x", "DENY: 'git\\+https://x' is not the name"),
        ("FLOORS", "a", "FLOORS: 'a' has no lowest version; write it as"),
        ("FLOORS", "a==1", "FLOORS: 'a==1' has no lowest version"),
        ("FLOORS", "a>=x", "FLOORS: 'a>=x': 'x' is not a version"),
        ("FLOORS", "a b>=1", "FLOORS: 'a b>=1': 'a b' is not the name"),
        ("FLOORS", "a>=1,A>=2", "FLOORS names 'a' twice"),
        ("SOURCE_BUILDS", "maybe", "SOURCE_BUILDS must be true or false, not 'maybe'"),
    ],
)
def test_a_wrong_entry_is_named_with_its_variable(name: str, value: str, words: str) -> None:
    with pytest.raises(SetupError, match=f"TREADLE_PACKAGES_{words}"):
        load_settings({f"TREADLE_PACKAGES_{name}": value})
