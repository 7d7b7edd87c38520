"""The services of render.yaml, by their own commands and variables, do what the product does.

Each is built in a clean copy and a clean environment, and started as the file says; what stands in
for Render is `tests/deploy/platform.py`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.deploy.blueprint import Cron, Web, read
from tests.deploy.checkout import REPOSITORY
from tests.deploy.journey import sign_up_and_run_a_template
from tests.deploy.platform import MINIO, Platform
from tests.e2e.browser import Visitor
from tests.e2e.product import PASSWORD, Account
from tests.postgres_server import PostgresServer
from tests.redis_server import RedisServer
from tests.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.redis,
    pytest.mark.sandbox,
    # Several environments and a browser app are built from nothing.
    pytest.mark.timeout(2400),
]
FIRST = (MINIO, "treadle-runner", "treadle-gateway", "treadle-worker", "treadle-scheduler")
OWNER = "owner@example.org"


@pytest.fixture(scope="module")
def platform(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """All services of the file that stay, running."""
    folder = tmp_path_factory.mktemp("render")
    try:
        redis = RedisServer(tmp_path_factory.mktemp("redis"))
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    platform = Platform(read(REPOSITORY / "render.yaml"), folder, postgres_server, redis)
    lasting = [one.name for one in platform.blueprint.programs() if not isinstance(one, Cron)]
    assert set(lasting) == set(FIRST), "say here when it is to be started"
    try:
        for name in FIRST:
            platform.start(name)
        yield platform
        ended = {name: platform.stop(name) for name in [*platform.processes] if name != MINIO}
        assert set(ended.values()) == {0}, ended
    finally:
        platform.close()
        redis.stop()


@pytest.fixture(scope="module")
def owner(platform: Platform) -> Account:
    """Somebody who has signed up."""
    return Account(platform.gateway_url, OWNER)


def test_every_service_of_the_file_does_its_part(
    platform: Platform, owner: Account, browser: Browser
) -> None:
    # One test: in several processes each would build everything for itself.
    sign_up_and_run_a_template(browser, platform.gateway_url)
    a_schedule_starts_by_itself_and_its_page_says_so(platform, owner, browser)
    a_webhook_is_answered_and_what_is_large_lies_in_the_bucket(platform, owner)
    each_cron_service_ends_well_beside_the_scheduler(platform)
    the_gateway_alone_serves_the_app(platform)
    refused = a_python_step_runs_at_the_runner(platform, owner)
    without_a_scheduler_the_cron_service_starts_what_is_due(platform, owner)
    if refused and os.environ.get("CI") == "true":
        pytest.fail(refused)
    if refused:
        pytest.skip(f"all but Python steps was seen: {refused}")


def started_by_schedules(account: Account, workflow_id: str) -> int:
    found = account.call("GET", f"/executions?workflow_id={workflow_id}&limit=200").json()
    return sum(one["status"] == "succeeded" for one in found["items"])


def activated(account: Account, *nodes: dict[str, object]) -> str:
    body = {
        "name": "Deployed",
        "nodes": list(nodes),
        "connections": [{"from": nodes[0]["id"], "to": one["id"]} for one in nodes[1:]],
    }
    made: str = account.call("POST", "/workflows", json=body).json()["id"]
    account.call("POST", f"/workflows/{made}/activate")
    return made


def a_schedule_starts_by_itself_and_its_page_says_so(
    platform: Platform, owner: Account, browser: Browser
) -> None:
    params = {"every_s": 2}
    schedule = {"id": "clock", "type": "schedule", "name": "Clock", "params": params}
    workflow_id = activated(owner, schedule, {"id": "end", "type": "no_op"})
    until(lambda: started_by_schedules(owner, workflow_id) >= 2, "two starts")
    visitor = Visitor(browser, platform.gateway_url)
    visitor.sign_in(owner.email, PASSWORD)
    page = visitor.page
    page.goto("/triggers")
    expect(page.get_by_text("Every 2 seconds", exact=True)).to_be_visible()
    page.get_by_role("button", name="Run it once now").click()
    page.wait_for_url(re.compile("/executions/"))
    expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()
    visitor.close()
    owner.call("POST", f"/workflows/{workflow_id}/deactivate")


def a_webhook_is_answered_and_what_is_large_lies_in_the_bucket(
    platform: Platform, owner: Account
) -> None:
    hook = {"id": "hook", "type": "webhook", "params": {"path": "in", "respond": "last_node"}}
    fields = {"size": "{{ len(item.body.text) }}"}
    activated(owner, hook, {"id": "size", "type": "set", "params": {"fields": fields}})
    body = {"text": "x" * 200_000}
    answer = requests.post(f"{platform.gateway_url}/hooks/in", json=body, timeout=100)
    assert (answer.status_code, answer.json()) == (200, {"size": 200_000})
    kept = [one for one in platform.objects.rglob("*") if one.is_file() and "sha256" in one.name]
    assert kept, "the event was too large for its row"


def a_python_step_runs_at_the_runner(platform: Platform, owner: Account) -> str:
    """Returns why none can run on this machine, if that is so."""
    state = requests.get(f"{platform.gateway_url}/readyz", timeout=100).json()["runner"]
    if "Python steps are refused" in platform.log("treadle-runner"):
        return f"gVisor does not start here: {state}"
    body = {"code": "def run(items):\n    return [{'n': 6 * 7}]", "items": []}
    answer = owner.call("POST", "/code/run", json=body).json()
    assert answer["items"] == [{"n": 42}], answer
    return ""


def each_cron_service_ends_well_beside_the_scheduler(platform: Platform) -> None:
    names = [one.name for one in platform.blueprint.services if isinstance(one, Cron)]
    assert len(names) == 5
    for name in names:
        done = platform.once(name)
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"


def without_a_scheduler_the_cron_service_starts_what_is_due(
    platform: Platform, owner: Account
) -> None:
    assert platform.stop("treadle-scheduler") == 0
    schedule = {"id": "clock", "type": "schedule", "params": {"every_s": 1}}
    workflow_id = activated(owner, schedule, {"id": "end", "type": "no_op"})
    # The first poll of a schedule only says when it is due.
    for number in range(3):
        until(lambda: is_due(owner, workflow_id), "it is due again")
        done = platform.once("treadle-poll")
        assert (done.returncode, done.stdout) == (0, "Triggers polled: 1.\n"), done.stderr
        until(
            lambda least=number: started_by_schedules(owner, workflow_id) >= least,
            "a worker has run it",
        )
    owner.call("POST", f"/workflows/{workflow_id}/deactivate")


def is_due(account: Account, workflow_id: str) -> bool:
    found = account.call("GET", "/triggers?limit=200").json()["items"]
    (one,) = (each for each in found if each["workflow_id"] == workflow_id)
    due = one["next_check_at"]
    return due is not None and datetime.fromisoformat(due) <= datetime.now(UTC)


def the_gateway_alone_serves_the_app(platform: Platform) -> None:
    gateway = platform.blueprint.service("treadle-gateway")
    assert isinstance(gateway, Web)
    answer = requests.get(platform.gateway_url, headers={"accept": "text/html"}, timeout=100)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    worker = platform.build(platform.blueprint.programs()[-1])
    assert not (worker / "web" / "dist").exists(), "services without pages build no app"
