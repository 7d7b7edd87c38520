"""What a package policy refuses, how two become one, and how one is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from layers.errors import InvalidInput
from layers.packages.policies import Policies
from layers.packages.policy import ANYTHING, PackagePolicy
from layers.packages.refusal import ForbiddenPackages


def policy(**fields: Any) -> PackagePolicy:
    return PackagePolicy.from_json(fields)


def refused(one: PackagePolicy, *packages: tuple[str, str | None]) -> list[str]:
    return [refusal.name for refusal in one.refusals(packages)]


LOCK = [("requests", "2.31.0"), ("urllib3", "2.1"), ("certifi", "2024.1.1")]


def test_without_rules_everything_is_allowed() -> None:
    assert refused(ANYTHING, *LOCK) == []


def test_every_distribution_of_a_lock_is_held_against_it() -> None:
    assert refused(policy(deny=["certifi"]), *LOCK) == ["certifi"]
    assert refused(policy(allow=["requests"]), *LOCK) == ["urllib3", "certifi"]
    assert refused(policy(allow=[]), *LOCK) == ["requests", "urllib3", "certifi"]
    assert refused(policy(floors={"urllib3": "2.2"}), *LOCK) == ["urllib3"]


def test_a_denied_package_is_refused_though_it_is_allowed_too() -> None:
    assert refused(policy(allow=["a"], deny=["a"]), ("a", "1")) == ["a"]


def test_names_are_compared_as_the_index_compares_them() -> None:
    for written in ("Ruamel_Yaml", "ruamel.yaml", "RUAMEL--yaml"):
        assert refused(policy(deny=[written]), ("ruamel-yaml", "1")) == ["ruamel-yaml"]
        assert refused(policy(deny=["ruamel-yaml"]), (written, "1")) == ["ruamel-yaml"]
        assert refused(policy(allow=[written]), ("ruamel.YAML", "1")) == []
        assert refused(policy(floors={written: "2"}), ("ruamel-yaml", "1")) == ["ruamel-yaml"]


@pytest.mark.parametrize(
    ("version", "old"),
    [
        ("2.9", True),
        ("2.10", False),
        ("2.10rc1", True),
        ("2.10.post1", False),
        ("2.10+local", False),
        ("1!0.1", False),
        ("nonsense", True),
        (None, False),
    ],
)
def test_floors_compare_versions_and_not_texts(version: str | None, old: bool) -> None:
    assert bool(refused(policy(floors={"a": "2.10"}), ("a", version))) is old


def test_of_two_policies_the_stricter_rule_holds() -> None:
    one = policy(allow=["a", "b"], deny=["x"], floors={"a": "1.9", "b": "3"}, source_builds=True)
    other = policy(allow=["b", "c"], deny=["y"], floors={"a": "1.10", "b": "2"})
    for merged in (one.merged(other), other.merged(one), PackagePolicy.merged(one, other)):
        assert merged.as_json() == {
            "allow": ["b"],
            "deny": ["x", "y"],
            "floors": {"a": "1.10", "b": "3"},
            "source_builds": False,
        }
    assert one.merged(ANYTHING).allow == frozenset("ab")
    assert ANYTHING.merged(one).allow == frozenset("ab")
    assert one.merged(one).source_builds is True


def test_a_policy_that_was_written_reads_the_same() -> None:
    one = policy(allow=["B", "a"], deny=["C_d"], floors={"e": "1.0"}, source_builds=True)
    again = PackagePolicy.from_json(json.loads(json.dumps(one.as_json())))
    assert again == one
    assert again.digest() == one.digest()
    assert PackagePolicy.from_json({}) == ANYTHING


def test_the_digest_tells_policies_apart() -> None:
    rules: list[dict[str, Any]] = [
        {},
        {"allow": []},
        {"allow": ["a"]},
        {"deny": ["a"]},
        {"floors": {"a": "1"}},
        {"source_builds": True},
    ]
    assert len({policy(**one).digest() for one in rules}) == len(rules)


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"allow": ["a", "b>=1"]}, "/allow/1"),
        ({"deny": ["-r x"]}, "/deny/0"),
        ({"deny": [""]}, "/deny/0"),
        ({"deny": [1]}, "/deny/0"),
        ({"deny": ["a" * 101]}, "/deny/0"),
        ({"deny": "a"}, "/deny"),
        ({"deny": ["a"] * 1001}, "/deny"),
        ({"allow": "a"}, "/allow"),
        ({"floors": {"a": "x"}}, "/floors/a"),
        ({"floors": {"a": 1}}, "/floors/a"),
        ({"floors": {"a/~": "1"}}, "/floors/a~1~0"),
        ({"floors": {"a": ">=1"}}, "/floors/a"),
        ({"floors": ["a"]}, "/floors"),
        ({"source_builds": 1}, "/source_builds"),
        ({"wheels": True}, "/wheels"),
    ],
)
def test_a_wrong_entry_is_pointed_at(given: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        PackagePolicy.from_json(given)
    assert [one.pointer for one in caught.value.errors] == [pointer]


def test_two_spellings_of_a_floor_are_one_and_the_higher_holds() -> None:
    assert policy(floors={"A": "1.10", "a": "1.9"}).floors == {"a": "1.10"}


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(InvalidInput, match="JSON object"):
        PackagePolicy.from_json([])


def test_a_refusal_names_the_package_and_who_refuses() -> None:
    both = Policies(
        instance=policy(deny=["evil"], floors={"old": "2"}),
        workspace=policy(allow=["old", "evil", "fine"]),
    )
    with pytest.raises(ForbiddenPackages) as caught:
        both.check([("fine", "1"), ("old", "1"), ("Evil", "1"), ("other", "1")])
    assert [one.message for one in caught.value.errors] == [
        "The package evil 1 is denied by the policy of this instance.",
        "The package old 1 is older than 2, the lowest version that the policy of this instance"
        " allows.",
        "The package other 1 is not among those that the policy of this workspace allows.",
    ]
    assert {one.pointer for one in caught.value.errors} == {"/requirements"}
    both.check([("fine", "1"), ("old", "2")])


def test_both_policies_hold_at_once() -> None:
    both = Policies(policy(allow=["a", "b"]), policy(allow=["b", "c"]))
    assert [one.name for one in both.refusals([("a", "1"), ("b", "1"), ("c", "1")])] == ["a", "c"]
    assert both.merged.allow == frozenset("b")
