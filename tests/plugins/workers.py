"""How many processes run tests side by side (``-n auto``)."""

from __future__ import annotations

import os

import psutil
import pytest

EACH_NEEDS = 2 << 30
"""Bytes that a process of tests takes with its servers, sandboxes and browser."""
PER_CORE = 2
"""Most tests wait, for a process, a database or a page, rather than compute."""


def number_of_workers(cores: int, free_memory: int) -> int:
    """How many to have on a machine of so many cores and bytes; at least one."""
    return max(1, min(cores * PER_CORE, free_memory // EACH_NEEDS))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Choose by this machine; PYTEST_XDIST_AUTO_NUM_WORKERS chooses otherwise."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return number_of_workers(len(os.sched_getaffinity(0)), psutil.virtual_memory().available)
