"""Locks as text: read strictly, and written in one way only."""

from __future__ import annotations

import hashlib

import pytest

from layers.packages.lockfile import MOST_BYTES, MOST_PACKAGES, InvalidLock, read_lock

ONE, TWO = "1" * 64, "2" * 64
GOOD = f"a==1.0 \\\n    --hash=sha256:{ONE}\n"


def test_names_versions_and_hashes_are_read() -> None:
    text = (
        f"Zope.Interface==6.0 ; sys_platform == 'win32' \\\n    --hash=sha256:{TWO} \\\n"
        f"    --hash=sha256:{ONE}\n\na==1.0+cpu --hash=sha256:{ONE}\n"
    )
    lock = read_lock(text)
    assert lock.packages == [("a", "1.0+cpu"), ("zope-interface", "6.0")]
    assert lock.pins[1].hashes == (ONE, TWO)
    assert lock.text == (
        f"a==1.0+cpu \\\n    --hash=sha256:{ONE}\n"
        f'zope-interface==6.0 ; sys_platform == "win32" \\\n    --hash=sha256:{ONE} \\\n'
        f"    --hash=sha256:{TWO}\n"
    )
    assert lock.sha256 == hashlib.sha256(lock.text.encode()).hexdigest()
    assert read_lock(lock.text) == lock


def test_nothing_locked_is_a_lock() -> None:
    assert read_lock("").text == ""


def test_two_platforms_may_have_two_versions() -> None:
    text = "".join(
        f"a=={version} ; sys_platform {how} 'win32' --hash=sha256:{ONE}\n"
        for version, how in (("1", "=="), ("2", "!="))
    )
    assert read_lock(text).packages == [("a", "2"), ("a", "1")]


@pytest.mark.parametrize(
    "text",
    [
        "a==1.0\n",
        "a==1.0 \\\n",
        f"a>=1.0 --hash=sha256:{ONE}\n",
        f"a --hash=sha256:{ONE}\n",
        f"a==1.* --hash=sha256:{ONE}\n",
        f"a===1 --hash=sha256:{ONE}\n",
        f"a==1,==1.0 --hash=sha256:{ONE}\n",
        f"a[x]==1 --hash=sha256:{ONE}\n",
        f"a @ https://example.com/a.whl --hash=sha256:{ONE}\n",
        f"-e a==1 --hash=sha256:{ONE}\n",
        f"a==1 --hash=sha256:{ONE[1:]}\n",
        f"a==1 --hash=sha256:{ONE}0\n",
        f"a==1 --hash=sha256:{'A' * 64}\n",
        "a==1 --hash=md5:" + "1" * 32 + "\n",
        f"a==1 --hash=sha256:{ONE} --hash=md5:00\n",
        f"a==1 --hash=sha256:{ONE} # why\n",
        f"a==1 --hash=sha256:{ONE} --pre\n",
        f"a==1 --pre --hash=sha256:{ONE}\n",
        f"a==1 b==1 --hash=sha256:{ONE}\n",
        f"a==1--hash=sha256:{ONE}\n",
        f"    --hash=sha256:{ONE}\n",
        f"{GOOD}# via b\n",
        f"--index-url https://example.com\n{GOOD}",
        f"{GOOD}-r other.txt\n",
        f"{GOOD}{GOOD}",
        f"{GOOD}A==2 --hash=sha256:{TWO}\n",
        f"{GOOD}a==2 ; sys_platform == 'win32' --hash=sha256:{TWO}\n",
        f"a==1 \\ --hash=sha256:{ONE}\n",
        f"a==1\x0c--hash=sha256:{ONE}\n",
        f"a==1 --hash=sha256:{ONE}\rb==1\n",
    ],
)
def test_anything_else_in_it_makes_it_no_lock(text: str) -> None:
    with pytest.raises(InvalidLock):
        read_lock(text)


def test_the_wrong_line_is_named() -> None:
    with pytest.raises(InvalidLock, match=r"has no SHA-256 hash.*'b==2'"):
        read_lock(f"{GOOD}b==2\n")


def test_a_lock_is_bounded() -> None:
    lines = [f"a{number}==1 --hash=sha256:{ONE}\n" for number in range(MOST_PACKAGES + 1)]
    assert len(read_lock("".join(lines[:-1])).pins) == MOST_PACKAGES
    with pytest.raises(InvalidLock, match=f"more than {MOST_PACKAGES} packages"):
        read_lock("".join(lines))
    with pytest.raises(InvalidLock, match=f"larger than {MOST_BYTES} bytes"):
        read_lock("é" * (MOST_BYTES // 2 + 1))


@pytest.mark.parametrize("filler", [" ", "\\\n", " --hash=", "(", "a==1;"])
def test_a_hostile_lock_is_read_in_no_time(filler: str) -> None:
    # The test's own timeout is what a quadratic reader would meet.
    with pytest.raises(InvalidLock):
        read_lock(f"a==1{filler * ((MOST_BYTES - 100) // len(filler))}b")
