"""Requirements as authors write them: what is read, and how the rest is refused."""

from __future__ import annotations

import pytest

from layers.packages.requirements import (
    LONGEST,
    MOST,
    RefusedRequirement,
    RefusedRequirements,
    digest_of,
    read_requirement,
    read_requirements,
)


@pytest.mark.parametrize(
    ("text", "name", "canonical", "pinned"),
    [
        ("requests", "requests", "requests", None),
        (" requests >= 2.31 , < 3 ", "requests", "requests<3,>=2.31", None),
        ("Python_Slugify==8.0.4", "python-slugify", "python-slugify==8.0.4", "8.0.4"),
        ("a.b--c == 1.*", "a-b-c", "a-b-c==1.*", None),
        ("uvicorn[Standard, x]~=0.30", "uvicorn", "uvicorn[standard,x]~=0.30", None),
        ("a!=1.0+local", "a", "a!=1.0+local", None),
        (
            "tomli>=2; python_version < '3.12' and platform_release != 'x/y@z'",
            "tomli",
            'tomli>=2; python_version < "3.12" and platform_release != "x/y@z"',
            None,
        ),
        ("types-requests", "types-requests", "types-requests", None),
        ("a==1!2.0rc1", "a", "a==1!2.0rc1", "1!2.0rc1"),
    ],
)
def test_names_bounds_extras_and_markers_are_read(
    text: str, name: str, canonical: str, pinned: str | None
) -> None:
    one = read_requirement(text)
    assert (one.name, one.text, one.pinned) == (name, canonical, pinned)
    assert read_requirement(canonical) == one


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "It is empty"),
        ("   ", "It is empty"),
        ("a" * (LONGEST + 1), f"longer than {LONGEST} characters"),
        ("a\nb", "control character"),
        ("a\n", "control character"),
        ("a\t", "control character"),
        ("a\x00", "control character"),
        ("a\u2028b", "control character"),
        ("a\u202eb", "control character"),
        ("https://example.com/a.whl", "from an address"),
        ("file:a.whl", "from an address"),
        ("a @ https://example.com/a.whl", "from an address"),
        ("a@file:///a", "from an address"),
        ("a @ b", "from an address"),
        ("git+https://example.com/a", "version control"),
        ("a @ git+ssh://git@example.com/a", "version control"),
        ("HG+https://example.com/a", "version control"),
        ("svn+https://example.com/a#egg=a", "version control"),
        ("./a", "no files that could be installed"),
        ("..", "no files that could be installed"),
        ("/a", "no files that could be installed"),
        ("~/a", "no files that could be installed"),
        ("a/b", "no files that could be installed"),
        ("a\\", "no files that could be installed"),
        ("C:\\a", "no files that could be installed"),
        ("a-1.0-py3-none-any.whl", "no files that could be installed"),
        ("a-1.0.tar.gz", "no files that could be installed"),
        ("requirements.txt", "no files that could be installed"),
        ("-r other.txt", "write each requirement out"),
        ("-rother.txt", "write each requirement out"),
        ("--requirement=other.txt", "write each requirement out"),
        ("-c other.txt", "write each requirement out"),
        ("--constraint other.txt", "write each requirement out"),
        ("-e .", "write each requirement out"),
        ("--editable=.", "write each requirement out"),
        ("--index-url=https://example.com", "The index is the instance's"),
        ("--index-url https://example.com", "The index is the instance's"),
        ("--extra-index-url https://example.com", "The index is the instance's"),
        ("--find-links .", "The index is the instance's"),
        ("-i https://example.com", "The index is the instance's"),
        ("-f .", "The index is the instance's"),
        ("a --index-url https://example.com", "The index is the instance's"),
        ("a ; python_version>'3' --extra-index-url x", "The index is the instance's"),
        ("--no-index", "The index is the instance's"),
        ("--trusted-host x", "The index is the instance's"),
        ("--pre", "Options are not taken"),
        ("a==1 --hash=sha256:00", "Options are not taken"),
        ("a --no-deps", "Options are not taken"),
        ("a # why", "Comments are not taken"),
        ("# why", "Comments are not taken"),
        ("a===1", "write '=='"),
        ("a=1", "cannot be read"),
        ("a b", "cannot be read"),
        ("a>=", "cannot be read"),
        ("a>=1.*", "cannot be read"),
        ("a>=one", "cannot be read"),
        ("a[", "cannot be read"),
        ("${A}", "cannot be read"),
        ("é", "cannot be read"),
        ("a; " + "(" * 290, "cannot be read"),
        ("a; nothing > '1'", "cannot be read"),
    ],
)
def test_every_other_form_is_refused_with_the_remedy(text: str, words: str) -> None:
    with pytest.raises(RefusedRequirement, match=words) as caught:
        read_requirement(text)
    assert any(verb in str(caught.value) for verb in ("write", "name", "take it out", "leave it"))


def test_each_mistake_is_pointed_at() -> None:
    with pytest.raises(RefusedRequirements) as caught:
        read_requirements(["a", "git+https://example.com/b", "c>=1", "-r d"])
    pointers = [one.pointer for one in caught.value.errors]
    assert pointers == ["/requirements/1", "/requirements/3"]
    assert "'git+https://example.com/b': Nothing is fetched" in caught.value.errors[0].message
    assert caught.value.errors[1].message in caught.value.detail


def test_too_many_are_refused() -> None:
    names = [f"a{number}" for number in range(MOST + 1)]
    assert len(read_requirements(names[:-1])) == MOST
    with pytest.raises(RefusedRequirements, match=f"more than {MOST}"):
        read_requirements(names)


@pytest.mark.parametrize(
    "texts",
    [
        ["Some_Thing>=1", "some.thing<2"],
        ["a", "a; python_version > '3'"],
        ["a>1; python_version > '3'", "a<3; python_version>'3'"],
    ],
)
def test_a_name_that_comes_twice_is_refused(texts: list[str]) -> None:
    with pytest.raises(RefusedRequirements, match="twice; put all bounds into one") as caught:
        read_requirements(texts)
    assert [one.pointer for one in caught.value.errors] == ["/requirements/1"]


def test_markers_may_choose_between_two_bounds() -> None:
    texts = ["a<2; python_version < '3.10'", "a>=2; python_version >= '3.10'"]
    assert [one.name for one in read_requirements(texts)] == ["a", "a"]


def test_the_digest_is_of_what_is_asked_for() -> None:
    def digest(*texts: str) -> str:
        return digest_of(read_requirements(texts))

    assert digest("A>=1, <2", "b") == digest("b", "a<2,>=1")
    assert digest("a>=1") != digest("a>=1.1")
    assert digest("a") != digest("a[x]")
    assert digest("a") != digest("a", "b")
