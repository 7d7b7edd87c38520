"""render.yaml keeps to what Render documents, and names what Treadle has."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from tests.deploy.blueprint import Blueprint, Cron, Private, Variable, Web, read
from tests.deploy.checkout import REPOSITORY, run

FILE = REPOSITORY / "render.yaml"
Tree = dict[str, Any]


@pytest.fixture(scope="module")
def tree() -> Tree:
    found: Tree = yaml.safe_load(FILE.read_text())
    return found


@pytest.fixture(scope="module")
def blueprint() -> Blueprint:
    return read(FILE)


def service(tree: Tree, name: str) -> Tree:
    return next(one for one in tree["services"] if one["name"] == name)


def variable(tree: Tree, name: str, key: str) -> Tree:
    return next(one for one in service(tree, name)["envVars"] if one.get("key") == key)


WRONG: dict[str, Callable[[Tree], object]] = {
    "an unknown field": lambda t: service(t, "treadle-gateway").update(healthcheckPath="/"),
    "an unknown root field": lambda t: t.update(version=1),
    "a type that is none": lambda t: service(t, "treadle-worker").update(type="background"),
    "a plan that is none": lambda t: service(t, "treadle-worker").update(plan="huge"),
    "a cron job too large": lambda t: service(t, "treadle-poll").update(plan="pro ultra"),
    "a cron job without schedule": lambda t: service(t, "treadle-poll").pop("schedule"),
    "a schedule that is none": lambda t: service(t, "treadle-poll").update(schedule="* * * *"),
    "no build command": lambda t: service(t, "treadle-worker").pop("buildCommand"),
    "an image with a build": lambda t: service(t, "treadle-minio").update(buildCommand="true"),
    "no image": lambda t: service(t, "treadle-minio").pop("image"),
    "a health check of a worker": lambda t: service(t, "treadle-worker").update(
        healthCheckPath="/"
    ),
    "a queue without a list": lambda t: service(t, "treadle-queue").pop("ipAllowList"),
    "a number for a text": lambda t: variable(t, "treadle-minio", "PORT").update(value=9000),
    "two sources": lambda t: variable(t, "treadle-minio", "PORT").update(sync=False),
    "a group that asks": lambda t: t["envVarGroups"][0]["envVars"].append(
        {"key": "X", "sync": False}
    ),
    "a group that is none": lambda t: service(t, "treadle-worker")["envVars"].append(
        {"fromGroup": "nobody"}
    ),
    "a service that is none": lambda t: service(t, "treadle-runner").update(name="other"),
    "a variable that is none": lambda t: variable(t, "treadle-minio", "MINIO_ROOT_USER").update(
        key="MINIO_USER"
    ),
    "a name twice": lambda t: service(t, "treadle-sweep").update(name="treadle-poll"),
    "a disk on many": lambda t: service(t, "treadle-minio").update(numInstances=2),
    "a version as a number": lambda t: t["databases"][0].update(postgresMajorVersion=16),
}


def test_it_is_a_blueprint(blueprint: Blueprint) -> None:
    assert blueprint.services


@pytest.mark.parametrize("name", WRONG)
def test_what_render_refuses_is_refused(tree: Tree, name: str) -> None:
    # What anchors share is to be changed in one place only.
    wrong = _apart(tree)
    WRONG[name](wrong)
    with pytest.raises(ValidationError):
        Blueprint.model_validate(wrong)


def _apart(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _apart(one) for key, one in value.items()}
    return [_apart(one) for one in value] if isinstance(value, list) else value


def test_everything_that_the_product_needs_is_there(blueprint: Blueprint) -> None:
    started = {one.name: one.startCommand for one in blueprint.programs() if one.startCommand}
    parts = {command.partition("treadle ")[2].split()[0] for command in started.values()}
    assert parts == {
        *("gateway", "worker", "scheduler", "runner"),
        *("poll", "sweep", "usage", "reconcile", "prune"),
    }
    assert {one.type for one in blueprint.services} == {
        "web",
        "worker",
        "cron",
        "pserv",
        "keyvalue",
    }
    minio = blueprint.service("treadle-minio")
    assert isinstance(minio, Private)
    assert minio.disk is not None


def test_the_start_commands_are_treadles_own(blueprint: Blueprint) -> None:
    command = Path(sys.executable).with_name("treadle")
    listed = run(command, "--help", cwd=REPOSITORY, NO_COLOR="1").stdout
    for one in blueprint.programs():
        for given in (one.startCommand, getattr(one, "preDeployCommand", None)):
            if given:
                words = shlex.split(given.partition("treadle ")[2])
                assert re.search(rf"^\s*{words[0]}\s", listed, re.MULTILINE), given


def test_cron_services_are_one_pass_each(blueprint: Blueprint) -> None:
    crons = [one for one in blueprint.services if isinstance(one, Cron)]
    assert {one.startCommand for one in crons} == {
        f"treadle {name}" for name in ("poll", "sweep", "usage", "reconcile", "prune")
    }
    assert next(one for one in crons if one.name == "treadle-poll").schedule == "* * * * *"


def test_the_runner_is_told_its_token_and_no_key(blueprint: Blueprint) -> None:
    runner = blueprint.service("treadle-runner")
    assert isinstance(runner, Private)
    told = {getattr(one, "key", None) or getattr(one, "fromGroup", None) for one in runner.envVars}
    assert told == {"treadle-runner", "PYTHON_VERSION", "PORT"}
    groups = {one.name: {each.key for each in one.envVars} for one in blueprint.envVarGroups}
    assert groups["treadle-runner"] == {"TREADLE_RUNNER_TOKEN"}


def test_no_secret_stands_in_the_file_and_nothing_is_open_to_the_world(tree: Tree) -> None:
    variables = [
        one
        for part in (*tree["services"], *tree["envVarGroups"])
        for one in part.get("envVars", ())
        if re.search("SECRET$|SECRET_|TOKEN|PASSWORD|API_KEY", one.get("key", ""))
    ]
    assert len(variables) > 5
    assert [one for one in variables if "value" in one] == []
    assert service(tree, "treadle-queue")["ipAllowList"] == []
    assert [one["ipAllowList"] for one in tree["databases"]] == [[]]


def test_the_gateway_is_asked_whether_it_is_ready(blueprint: Blueprint) -> None:
    gateway = blueprint.service("treadle-gateway")
    assert isinstance(gateway, Web)
    assert gateway.healthCheckPath == "/readyz"
    asked = {one.key for one in gateway.envVars if isinstance(one, Variable) and one.sync is False}
    assert asked == {"TREADLE_HOOKS_URL", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET"}


def test_the_python_of_the_file_is_the_least_that_the_package_takes(blueprint: Blueprint) -> None:
    versions = {
        one.value
        for program in blueprint.programs()
        for one in program.envVars
        if isinstance(one, Variable) and one.key == "PYTHON_VERSION"
    }
    (version,) = versions
    assert version is not None
    assert version.startswith("3.11.")
