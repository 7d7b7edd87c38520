"""A private PostgreSQL server for the tests of one session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from local_emulator.kinship import die_with_parent
from tests.ports import free_port
from tests.waiting import until

HASTY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
OWNER = "owner"
MEMORY = Path("/dev/shm")
PREFIX = "treadle-postgres-"
ROOM = 2 << 30
OPTIONS = (
    "shared_buffers=32MB",
    "max_connections=100",
    "wal_level=logical",
)
STATEMENTS = "pg_stat_statements"
LIBRARIES = ("lib", "lib/postgresql")
# Counted is only in databases that say so.
COUNTING = (f"shared_preload_libraries={STATEMENTS}", f"{STATEMENTS}.track=none")


class PostgresServer:
    """Runs on a free port of 127.0.0.1; as root it drops to another user, as it must."""

    def __init__(self, *, durable: bool = False) -> None:
        """Start it; only a ``durable`` one keeps its promises over a ``crash``."""
        self._binaries = find_binaries()
        self.counts_statements = any(
            (self._binaries.parent / folder / f"{STATEMENTS}.so").exists() for folder in LIBRARIES
        )
        """Whether a database of it can be asked which statements ran in it."""
        counting = COUNTING if self.counts_statements else ()
        self._options = OPTIONS + counting + (() if durable else HASTY)
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=None if durable else memory()))
        (self._folder / OWNER).write_text(str(os.getpid()))
        self._run_as: list[str] = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._run_as = [
                "setpriv",
                f"--reuid={user.pw_uid}",
                f"--regid={user.pw_gid}",
                "--clear-groups",
                # Becoming another user undoes what die_with_parent has set; and asked like this
                # it removes its shared memory.
                *("--pdeathsig", "QUIT"),
                "env",
                f"HOME={self._folder}",
            ]
        self.port = free_port()
        self._made = 0
        self._initialise()
        self._process = self._start()
        self._wait()

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    @property
    def log(self) -> Path:
        """What it has written down."""
        return self._folder / "log"

    def create(self, template: str | None = None) -> str:
        """Make a database, a copy of ``template`` if it is named, and return its name."""
        self._made += 1
        name = f"treadle_{self._made}"
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            # A fifth of the time that it takes by way of the write-ahead log.
            how = sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY")
            statement += how.format(sql.Identifier(template))
        self._execute(statement)
        return name

    def drop(self, name: str) -> None:
        """Remove a database with whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def crash(self) -> None:
        """Die at once, with everybody's transactions open (``pg_ctl stop -m immediate``)."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)

    def revive(self) -> None:
        """Start again on the same files and port."""
        self._process = self._start()
        self._wait()

    def stop(self) -> None:
        """End the server and remove its files."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _execute(self, statement: sql.Composable) -> None:
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)

    def _initialise(self) -> None:
        data = self._folder / "data"
        made = subprocess.run(
            [
                *self._run_as,
                str(self._binaries / "initdb"),
                *("-D", str(data), "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale=C", "--no-sync"),
            ],
            cwd=self._folder,
            capture_output=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr.decode()

    def _start(self) -> subprocess.Popen[bytes]:
        data = self._folder / "data"
        options = [part for option in self._options for part in ("-c", option)]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [
                    *self._run_as,
                    str(self._binaries / "postgres"),
                    *("-D", str(data), "-k", str(self._folder), "-h", "127.0.0.1"),
                    *("-p", str(self.port), *options),
                ],
                cwd=self._folder,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(),
            )

    def _wait(self) -> None:
        until(self._serves, self.log.read_text)

    def _serves(self) -> bool:
        try:
            self._execute(sql.SQL("SELECT 1"))
        except psycopg.OperationalError:
            assert self._process.poll() is None, self.log.read_text()
            return False
        return True


def memory() -> Path | None:
    """A folder that lies in memory, if there is one with room.

    Many small files are copied for each database: on a disk that would be half of the tests' time.
    """
    if not os.access(MEMORY, os.W_OK):
        return None
    for folder in MEMORY.glob(f"{PREFIX}*"):
        if _is_left_over(folder):
            shutil.rmtree(folder, ignore_errors=True)
    return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None


def _is_left_over(folder: Path) -> bool:
    """Whether the process of tests that made it was killed, and so nobody has removed it."""
    try:
        return not psutil.pid_exists(int((folder / OWNER).read_text()))
    except (OSError, ValueError):
        return False


def find_binaries() -> Path:
    """The folder of initdb and postgres; raises FileNotFoundError."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise FileNotFoundError("initdb and postgres (install the package 'postgresql')")
