"""Render's part, on this machine: one file's services built, told their variables, and started.

What Render's own servers do is done by PostgreSQL, Redis, and an S3 server in MinIO's place. Two
things differ: services that share one machine have ports of their own, and all of them listen on
127.0.0.1 only.
"""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import requests

from local_emulator.kinship import die_with_parent
from tests.artifacts.conftest import start_s3
from tests.deploy.blueprint import (
    Blueprint,
    FromService,
    Group,
    KeyValue,
    Private,
    Service,
    Variable,
    Web,
)
from tests.deploy.checkout import UV, copy_to, environment, run
from tests.ports import free_port
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer
from tests.waiting import PATIENCE_S, until

HERE = "127.0.0.1"
EVERYWHERE = "0.0.0.0"
MINIO = "treadle-minio"


@dataclass
class Platform:
    """The services of one file; ``folder`` holds their copies of the repository, and their logs."""

    blueprint: Blueprint
    folder: Path
    postgres: PostgresServer
    redis: RedisServer
    answers: dict[str, str] = field(default_factory=dict)
    """What a person answers where the file asks (``sync: false``); otherwise nothing."""

    def __post_init__(self) -> None:
        self._generated: dict[tuple[str, str], str] = {}
        self._ports = {one.name: free_port() for one in self.blueprint.programs()}
        self._built: dict[str, Path] = {}
        self._database = self.postgres.create()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @cached_property
    def gateway_url(self) -> str:
        """Where the web service is reached."""
        return f"http://{HERE}:{self._ports['treadle-gateway']}"

    def port(self, name: str) -> int:
        """The port of a service."""
        return self._ports[name]

    def variables(self, service: Service) -> dict[str, str]:
        """All variables of a service, its groups' first; its own count before them."""
        found: dict[str, str] = {}
        for one in service.envVars:
            if isinstance(one, Group):
                found |= self._of_group(one.fromGroup)
        for one in service.envVars:
            if isinstance(one, Variable):
                found[one.key] = self._value(service, one)
        if isinstance(service, Web | Private):
            found["PORT"] = str(self._ports[service.name])
        if isinstance(service, Web):
            found["RENDER_EXTERNAL_URL"] = self.gateway_url
        return {name: _here(value) for name, value in found.items()}

    def _of_group(self, name: str) -> dict[str, str]:
        (group,) = (one for one in self.blueprint.envVarGroups if one.name == name)
        return {
            one.key: self._secret(name, one.key) if one.generateValue else one.value or ""
            for one in group.envVars
        }

    def _value(self, service: Service, one: Variable) -> str:
        if one.value is not None:
            return one.value
        if one.generateValue:
            return self._secret(service.name, one.key)
        if one.fromDatabase is not None:
            assert one.fromDatabase.property == "connectionString"
            # Without a driver's name, as Render writes it.
            return self.postgres.url(self._database).replace("postgresql+psycopg", "postgresql")
        if one.fromService is not None:
            return self._of_service(one.fromService)
        return self.answers.get(one.key, "")

    def _of_service(self, wanted: FromService) -> str:
        service = self.blueprint.service(wanted.name)
        if isinstance(service, KeyValue):
            return self.redis.url
        if wanted.envVarKey is not None:
            return self.variables(service)[wanted.envVarKey]
        assert wanted.property == "hostport"
        return f"{HERE}:{self._ports[wanted.name]}"

    def _secret(self, owner: str, key: str) -> str:
        """A value as Render generates it: 256 bits in base64."""
        fresh = base64.b64encode(secrets.token_bytes(32)).decode()
        return self._generated.setdefault((owner, key), fresh)

    def build(self, service: Service) -> Path:
        """Build in a clean copy and a clean environment; what is built alike is built once."""
        command = service.buildCommand
        assert command is not None
        if command not in self._built:
            place = self.folder / f"build-{len(self._built) + 1}"
            tree = copy_to(place / "src", with_app=False)
            made = run(UV, "venv", "--quiet", "--seed", "--python", "3.11", ".venv", cwd=tree)
            assert made.returncode == 0, made.stderr
            done = run("bash", "-c", command, cwd=tree, **self._shell(service, tree))
            assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
            self._built[command] = tree
        return self._built[command]

    def _shell(self, service: Service, tree: Path) -> dict[str, str]:
        own = {"VIRTUAL_ENV": str(tree / ".venv"), "PATH": f"{tree}/.venv/bin:{os.environ['PATH']}"}
        return {**own, **self.variables(service)}

    def once(self, name: str, command: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a service's start command, or another one, in its place until it ends."""
        service = self._program(name)
        tree = self.build(service)
        wanted = command or service.startCommand
        assert wanted is not None
        return run("bash", "-c", _here(wanted), cwd=tree, **self._shell(service, tree))

    def start(self, name: str) -> None:
        """Start a service, after its pre-deploy command."""
        service = self._program(name)
        if before := getattr(service, "preDeployCommand", None):
            done = self.once(name, before)
            assert done.returncode == 0, done.stderr
        if name == MINIO:
            self.processes[name] = self._start_store(service)
            return
        tree = self.build(service)
        assert service.startCommand is not None
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                ["bash", "-c", _here(service.startCommand)],
                cwd=tree,
                env=environment(**self._shell(service, tree)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(),
            )
        path = getattr(service, "healthCheckPath", None)
        if path is not None:
            until(lambda: self._answers(name, path), lambda: self.log(name))

    def _start_store(self, service: Service) -> subprocess.Popen[bytes]:
        told = self.variables(service)
        keys = told["MINIO_ROOT_USER"], told["MINIO_ROOT_PASSWORD"]
        self.objects.mkdir()
        return start_s3(self.objects, self._ports[MINIO], *keys)

    @property
    def objects(self) -> Path:
        """Where the S3 server keeps what it is given."""
        return self.folder / "objects"

    def _answers(self, name: str, path: str) -> bool:
        assert self.processes[name].poll() is None, self.log(name)
        with suppress(requests.ConnectionError):
            address = f"http://{HERE}:{self._ports[name]}{path}"
            return requests.get(address, timeout=PATIENCE_S).status_code == 200
        return False

    def log(self, name: str) -> str:
        """What a service has said."""
        return (self.folder / f"{name}.log").read_text()

    def stop(self, name: str) -> int:
        """Stop a service as Render does; returns its exit code."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(PATIENCE_S)

    def close(self) -> None:
        """Stop everything."""
        for name in list(self.processes):
            self.stop(name)
        self.postgres.drop(self._database)

    def _program(self, name: str) -> Service:
        found = self.blueprint.service(name)
        assert isinstance(found, Service)
        return found


def _here(text: str) -> str:
    return text.replace(EVERYWHERE, HERE)
