"""Which database drivers a process loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOADS = """
import sys
from layers.database.sessions import Database
with Database(sys.argv[1]).writing():
    pass
print("psycopg" in sys.modules)
"""


def test_a_process_with_sqlite_does_not_wait_for_postgresqls_driver(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOADS, f"sqlite:///{tmp_path}/treadle.db"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "False\n"
