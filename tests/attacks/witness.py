"""A run after each attack: what the attack tried to leave must not be there."""

from __future__ import annotations

from typing import Any

WARM_KEPT = 4
CODE = """
import builtins, json, os, signal, sys
def earlier(mine):
    for name in os.listdir('/proc'):
        try:
            uid = os.stat(f'/proc/{name}').st_uid if name.isdigit() else 0
            # Uids go up: those that stand by for later runs have higher ones.
            if uid and uid < mine:
                with open(f'/proc/{name}/status') as file:
                    told = dict(line.split(':', 1) for line in file if ':' in line)
                yield [uid, told['State'].split()[0], int(told['Threads'])]
        except OSError:
            continue
def run(items):
    print('heard')
    return [{
        'tmp': os.listdir('/tmp'), 'shm': os.listdir('/dev/shm'),
        'processes': list(earlier(os.getuid())),
        'poisoned': [m.__name__ for m in (json, os, sys, builtins) if hasattr(m, 'poisoned')],
        'whole': len('xy') == 2 and json.loads('[1]') == [1] and sys.getrecursionlimit() > 900,
        'nodename': os.uname().nodename, 'folder': os.getcwd(),
        'ignored': [n for n in (15, 17) if signal.getsignal(n) != signal.SIG_DFL],
    }]
"""


def complaints(told: dict[str, Any], mode: str) -> dict[str, Any]:
    """Return what a witness saw and should not have; a warm process may rest, and only rest."""
    resting = [
        one for one in told["processes"] if mode == "warm" and one[1] in "ST" and one[2] == 1
    ]
    others = [one for one in told["processes"] if one not in resting]
    if len({uid for uid, _, _ in resting}) < len(resting) or len(resting) > WARM_KEPT:
        others += resting
    expected = {
        "tmp": [],
        "shm": [],
        "poisoned": [],
        "whole": True,
        "nodename": "sandbox",
        "folder": "/tmp",
        "ignored": [],
    }
    seen = {name: told[name] for name, value in expected.items() if told[name] != value}
    return {**seen, "processes": others} if others else seen
