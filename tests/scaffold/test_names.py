"""A name that cannot be gets one line that says why, exit code 2, and no file."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.scaffold.copied import ROOT

BAD = [
    (["node", "--name="], "new-node: give it a name: make new-node NAME=…"),
    (["node", "--name=Bad-Name"], "new-node: 'Bad-Name' cannot be a name; use at most 40"),
    (["trigger", "--name=2nd"], "new-trigger: '2nd' cannot be a name"),
    (["trigger", "--name=a__b"], "new-trigger: 'a__b' cannot be a name"),
    (["endpoint", "--name=../up"], "new-endpoint: '../up' cannot be a name"),
    (["credential", "--name=" + "x" * 41], "new-credential: 'xxxx"),
    (["node", "--name=set"], "new-node: the name 'set' is taken; choose another one."),
    (["node", "--name=schedule"], "new-node: the name 'schedule' is taken"),
    (["trigger", "--name=merge"], "new-trigger: the name 'merge' is taken"),
    (["credential", "--name=hmac"], "new-credential: the name 'hmac' is taken"),
    (["endpoint", "--name=drafts"], "new-endpoint: the name 'drafts' is taken"),
    (["node", "--name=fine", "--folder=nope"], "new-node: there is no FAMILY 'nope'; choose one"),
    (["endpoint", "--name=fine", "--folder=incoming"], "new-endpoint: there is no AREA 'incoming'"),
]


@pytest.mark.parametrize(("words", "said"), BAD, ids=lambda value: " ".join(value)[:30])
def test_a_name_that_cannot_be(words: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.scaffold", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
