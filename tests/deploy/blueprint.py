"""What Render documents about Blueprint files, as far as such a file can be checked without Render.

Source: the Blueprint YAML Reference (https://render.com/docs/blueprint-spec) in the state of early
2026, with its lists of required fields, values and who may have which field. It is ours, written
from that page: the published schema (https://render.com/schema/render.yaml.json) is not fetched.
Unknown fields are refused, and so are deprecated ones (``env``, ``autoDeploy``, ``redis``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from cronsim import CronSim
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

Name = Annotated[str, Field(min_length=1)]
Region = Literal["oregon", "ohio", "virginia", "frankfurt", "singapore"]
SmallPlan = Literal["starter", "standard", "pro", "pro plus"]
Plan = Literal["starter", "standard", "pro", "pro plus", "pro max", "pro ultra"]
NATIVE = ("node", "python", "elixir", "go", "ruby", "rust")
Runtime = Literal["node", "python", "elixir", "go", "ruby", "rust", "docker", "image"]
DatabasePlan = Literal[
    "free",
    *("basic-256mb", "basic-1gb", "basic-4gb"),
    *(f"pro-{size}gb" for size in (4, 8, 16, 32, 64, 128, 192, 256, 384, 512)),
    *(f"accelerated-{size}gb" for size in (16, 32, 64, 128, 256, 384, 512, 768, 1024)),
]


_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class FromDatabase(Strict):
    name: Name
    property: Literal["connectionString", "host", "port", "user", "password", "database"]


class FromService(Strict):
    name: Name
    type: Literal["web", "pserv", "worker", "cron", "keyvalue"]
    property: Literal["host", "port", "hostport", "connectionString"] | None = None
    envVarKey: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.property is None) == (self.envVarKey is None):
            raise ValueError("give either property or envVarKey")
        if (self.property == "connectionString") != (
            self.type == "keyvalue" and self.property is not None
        ):
            raise ValueError("connectionString is Key Value's, and all that it has")
        if self.property is not None and self.type in ("worker", "cron"):
            raise ValueError(f"a {self.type} has no address")
        return self


class Variable(Strict):
    """One of a service's ``envVars`` that has a key; each has one source."""

    key: Name
    value: str | None = None
    generateValue: Literal[True] | None = None
    sync: Literal[False] | None = None
    fromDatabase: FromDatabase | None = None
    fromService: FromService | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        sources = self.model_fields_set - {"key"}
        if len(sources) != 1:
            raise ValueError(f"{self.key}: give one source, not {sorted(sources)}")
        return self


class Group(Strict):
    """All variables of a group."""

    fromGroup: Name


def _kind(value: object) -> str:
    return "group" if isinstance(value, dict) and "fromGroup" in value else "variable"


Variables = list[
    Annotated[
        Annotated[Variable, Tag("variable")] | Annotated[Group, Tag("group")],
        Discriminator(_kind),
    ]
]


class GroupVariable(Strict):
    """Groups have no ``sync: false`` (it is ignored there) and refer to nothing."""

    key: Name
    value: str | None = None
    generateValue: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 2:
            raise ValueError(f"{self.key}: give either value or generateValue")
        return self


class VariableGroup(Strict):
    name: Name
    envVars: list[GroupVariable]


class Disk(Strict):
    name: Name
    mountPath: Annotated[str, Field(pattern="^/.+")]
    sizeGB: Annotated[int, Field(ge=1)] = 10


class BuildFilter(Strict):
    paths: list[str] = []
    ignoredPaths: list[str] = []


class Scaling(Strict):
    minInstances: Annotated[int, Field(ge=1)]
    maxInstances: Annotated[int, Field(ge=1)]
    targetMemoryPercent: Annotated[int, Field(ge=1, le=90)] | None = None
    targetCPUPercent: Annotated[int, Field(ge=1, le=90)] | None = None


class CredentialName(Strict):
    name: Name


class Credential(Strict):
    fromRegistryCreds: CredentialName


class Image(Strict):
    url: Name
    creds: Credential | None = None


class Previews(Strict):
    generation: Literal["off", "manual", "automatic"] | None = None
    numInstances: int | None = None
    plan: str | None = None
    expireAfterDays: int | None = None


class Allowed(Strict):
    source: Name
    description: str | None = None


class Service(Strict):
    """What services that run a program share."""

    name: Name
    runtime: Runtime
    plan: Plan | None = None
    region: Region | None = None
    repo: str | None = None
    branch: str | None = None
    rootDir: str | None = None
    autoDeployTrigger: Literal["commit", "checksPass", "off"] | None = None
    buildCommand: Name | None = None
    startCommand: Name | None = None
    buildFilter: BuildFilter | None = None
    image: Image | None = None
    dockerCommand: str | None = None
    dockerfilePath: str | None = None
    dockerContext: str | None = None
    registryCredential: Credential | None = None
    previews: Previews | None = None
    envVars: Variables = []

    @property
    def is_native(self) -> bool:
        return self.runtime in NATIVE

    @model_validator(mode="after")
    def _fits_its_runtime(self) -> Self:
        commands = {"buildCommand", "startCommand"}
        given = self.model_fields_set
        if self.is_native and not commands <= given:
            raise ValueError("buildCommand and startCommand are required")
        if not self.is_native and commands & given:
            raise ValueError("a Docker-based service has dockerCommand instead")
        if self.is_native and given & {"dockerCommand", "dockerfilePath", "dockerContext"}:
            raise ValueError("only a Docker-based service has Docker's fields")
        if (self.runtime == "image") != ("image" in given):
            raise ValueError("image goes with the runtime image")
        return self


class Lasting(Service):
    """A service that stays."""

    preDeployCommand: str | None = None
    numInstances: Annotated[int, Field(ge=1)] | None = None
    scaling: Scaling | None = None
    disk: Disk | None = None
    maxShutdownDelaySeconds: Annotated[int, Field(ge=1, le=300)] | None = None

    @model_validator(mode="after")
    def _a_disk_does_not_scale(self) -> Self:
        if self.disk is not None and (self.scaling or (self.numInstances or 1) > 1):
            raise ValueError("a service with a disk cannot have several instances")
        return self


class Web(Lasting):
    type: Literal["web"]
    plan: Plan | Literal["free"] | None = None
    healthCheckPath: Annotated[str, Field(pattern="^/")] | None = None
    domains: list[str] = []
    ipAllowList: list[Allowed] | None = None


class Private(Lasting):
    type: Literal["pserv"]


class Worker(Lasting):
    type: Literal["worker"]


class Cron(Service):
    type: Literal["cron"]
    plan: SmallPlan | None = None
    schedule: str

    @model_validator(mode="after")
    def _a_schedule(self) -> Self:
        if len(self.schedule.split()) != 5:
            raise ValueError("a schedule has five fields")
        next(CronSim(self.schedule, _ANY_DAY))
        return self


class KeyValue(Strict):
    type: Literal["keyvalue"]
    name: Name
    ipAllowList: list[Allowed]
    region: Region | None = None
    plan: Literal["free", "starter", "standard", "pro", "pro plus"] | None = None
    previewPlan: str | None = None
    maxmemoryPolicy: (
        Literal[
            *("allkeys-lru", "volatile-lru", "allkeys-random", "volatile-random"),
            *("volatile-ttl", "noeviction"),
        ]
        | None
    ) = None


AnyService = Annotated[Web | Private | Worker | Cron | KeyValue, Field(discriminator="type")]


class ReadReplica(Strict):
    name: Name


class HighAvailability(Strict):
    enabled: bool


class PostgresDatabase(Strict):
    name: Name
    plan: DatabasePlan | None = None
    previewPlan: str | None = None
    diskSizeGB: int | None = None
    previewDiskSizeGB: int | None = None
    region: Region | None = None
    ipAllowList: list[Allowed] | None = None
    postgresMajorVersion: Literal["13", "14", "15", "16", "17", "18"] | None = None
    databaseName: str | None = None
    user: str | None = None
    readReplicas: list[ReadReplica] | None = None
    highAvailability: HighAvailability | None = None

    @model_validator(mode="after")
    def _a_size(self) -> Self:
        if self.diskSizeGB is not None and self.diskSizeGB != 1 and self.diskSizeGB % 5:
            raise ValueError("diskSizeGB is 1 or a multiple of 5")
        return self


class Blueprint(Strict):
    """A whole file, all of whose references lead somewhere."""

    services: list[AnyService] = []
    databases: list[PostgresDatabase] = []
    envVarGroups: list[VariableGroup] = []
    previews: Previews | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for kind in (self.services, [*self.databases], self.envVarGroups):
            names = [one.name for one in kind]
            if len(set(names)) != len(names):
                raise ValueError(f"a name is there twice: {sorted(names)}")
        return self

    @model_validator(mode="after")
    def _references_lead_somewhere(self) -> Self:
        for service in self.programs():
            for one in service.envVars:
                self._check(service, one)
        return self

    def programs(self) -> list[Web | Private | Worker | Cron]:
        """The services that run a program."""
        return [one for one in self.services if not isinstance(one, KeyValue)]

    def service(self, name: str) -> Web | Private | Worker | Cron | KeyValue:
        """A service by its name; raises ValueError."""
        found = next((one for one in self.services if one.name == name), None)
        if found is None:
            raise ValueError(f"there is no service {name}")
        return found

    def _check(self, service: Service, one: Variable | Group) -> None:
        if isinstance(one, Group):
            if one.fromGroup not in {group.name for group in self.envVarGroups}:
                raise ValueError(f"{service.name}: there is no group {one.fromGroup}")
            return
        if one.fromDatabase and one.fromDatabase.name not in {db.name for db in self.databases}:
            raise ValueError(f"{service.name}: there is no database {one.fromDatabase.name}")
        if one.fromService is not None:
            wanted = self.service(one.fromService.name)
            if wanted.type != one.fromService.type:
                raise ValueError(f"{service.name}: {wanted.name} is a {wanted.type}")
            self._check_key(service, wanted, one.fromService.envVarKey)

    def _check_key(
        self, service: Service, wanted: Web | Private | Worker | Cron | KeyValue, key: str | None
    ) -> None:
        if key is None or (wanted.type == "web" and key in GIVEN_TO_WEB):
            return
        own = [] if isinstance(wanted, KeyValue) else wanted.envVars
        if key not in {one.key for one in own if isinstance(one, Variable)}:
            raise ValueError(f"{service.name}: {wanted.name} has no variable {key}")


GIVEN_TO_WEB = ("RENDER_EXTERNAL_URL", "RENDER_EXTERNAL_HOSTNAME", "PORT")
"""What Render itself sets on a web service (https://render.com/docs/environment-variables)."""


def read(path: Path) -> Blueprint:
    """Read and check a file; raises pydantic's ValidationError."""
    return Blueprint.model_validate(yaml.safe_load(path.read_text()))
