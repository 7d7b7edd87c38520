"""Packages: resolved and installed in a sandbox, kept once for all, read-only, within policies."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from layers.errors import InvalidInput
from layers.packages.policy import ANYTHING, PackagePolicy
from layers.packages.refusal import ForbiddenPackages
from layers.sandbox import Outcome, SandboxUnavailable
from layers.sandbox.port import Lock
from sandbox_runner.packages.layers import Layer, Layers, NoLayer, _own
from tests.sandbox_runner.outer_world import OuterWorld
from tests.sandbox_runner.package_index import PackageIndex, make_source, make_wheel
from tests.sandbox_runner.runner_process import RunnerProcess, processes_of, running

pytestmark = pytest.mark.sandbox

FINE = "def run(items):\n    return [{'fine': True}]"
USE = "import leaf\ndef run(items):\n    return [{'version': leaf.VERSION}]"


def fill(index: PackageIndex) -> None:
    for version in ("1.0", "2.0"):
        index.add(make_wheel("leaf", version, {"leaf.py": f"VERSION = '{version}'".encode()}))
    index.add(make_wheel("top", "1.0", {"top.py": b"import leaf"}, needs=["leaf"]))
    linked = {"linked/__init__.py": b"", "linked/away": b"/etc/passwd", "linked/root": b"x"}
    modes = {"linked/away": 0o120777, "linked/root": 0o104755}
    index.add(make_wheel("linked", "1.0", linked, modes=modes))
    index.add(make_wheel("huge", "1.0", {"huge.py": b"", "huge.bin": bytes(80 << 20)}))
    bad = {
        "ends": b"import os; os._exit(3)",
        "fails": b"raise OSError('no')",
        "hangs": b"import time; time.sleep(600)",
        "threads": b"import threading, time\n"
        b"threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
    }
    for name, code in bad.items():
        index.add(make_wheel(name, "1.0", {f"{name}.py": code}))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PackageIndex]:
    found = PackageIndex()
    fill(found)
    found.add(make_source("sourced", str(tmp_path_factory.getbasetemp() / "mark")))
    yield found
    found.close()


@pytest.fixture(scope="module")
def packed(
    index: PackageIndex, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunnerProcess]:
    """A runner that installs from that index, and keeps little."""
    data = tmp_path_factory.mktemp("packed") / "data"
    with running(data, TREADLE_PACKAGE_INDEX=index.url, TREADLE_SANDBOX_LAYERS_MB="64") as process:
        yield process


def lock(runner: RunnerProcess, *requirements: str, policy: PackagePolicy = ANYTHING) -> Lock:
    return runner.await_(runner.client.lock(list(requirements), policy))


def layers(runner: RunnerProcess) -> list[Path]:
    return sorted((runner.data / "sandbox" / "layers").iterdir())


def installed(runner: RunnerProcess) -> int:
    """How often the runner has installed something."""
    return runner.said().count("installed ")


def test_a_lock_of_the_machines_own_index_holds_hashes_and_no_address(outside: OuterWorld) -> None:
    made = outside.lock("six", "idna>=3")
    assert [one.name for one in made.packages] == ["idna", "six"]
    assert all(one.size for one in made.packages)
    assert made.text.count("--hash=sha256:") >= 2
    assert "http" not in made.text
    assert "index" not in made.text
    assert outside.lock("idna>=3", "six") == made


def test_the_second_run_with_a_large_package_finds_it_imported(outside: OuterWorld) -> None:
    code = (
        "import sys\nbefore = 'numpy' in sys.modules\nimport numpy\n"
        "def run(items):\n    return [{'sum': int(numpy.arange(5).sum()), 'before': before,\n"
        "             'drawn': numpy.random.random()}]"
    )
    text = outside.lock("numpy").text
    found = []
    for _ in range(2):
        result = outside.runner.run(code, lock=text, workspace="numeric")
        assert result.items is not None, result
        found.append(result.items[0])
    assert [(one["sum"], one["before"]) for one in found] == [(10, False), (10, True)]
    assert found[0]["drawn"] != found[1]["drawn"]


def test_what_cannot_be_resolved_is_told_in_the_resolvers_words(packed: RunnerProcess) -> None:
    with pytest.raises(InvalidInput, match=r"leaf==99") as caught:
        lock(packed, "leaf==99")
    assert "unsatisfiable" in str(caught.value)
    with pytest.raises(InvalidInput, match="not found"):
        lock(packed, "nobody-made-this")


def test_forbidden_packages_are_refused_directly_and_transitively(packed: RunnerProcess) -> None:
    for asked, policy in (
        ("leaf", PackagePolicy(deny=frozenset({"leaf"}))),
        ("top", PackagePolicy(deny=frozenset({"leaf"}))),
        ("top", PackagePolicy(allow=frozenset({"top"}))),
        ("leaf<2", PackagePolicy(floors={"leaf": "1.5"})),
    ):
        with pytest.raises(ForbiddenPackages) as caught:
            lock(packed, asked, policy=policy)
        assert [one.name for one in caught.value.refusals] == ["leaf"]


def test_a_lock_is_held_against_the_policy_of_the_run(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    text = index.pinned("top", "leaf")
    for policy in (
        PackagePolicy(deny=frozenset({"leaf"})),
        PackagePolicy(allow=frozenset({"top"})),
        PackagePolicy(floors={"leaf": "3"}),
    ):
        result = packed.run(USE, lock=text, policy=policy)
        assert result.outcome is Outcome.POLICY_DENIED
        assert result.error is not None
        assert "leaf" in result.error.message
    assert packed.run(USE, lock=text).items == [{"version": "2.0"}]


@pytest.mark.parametrize(
    "text",
    [
        "leaf",
        "leaf==1.0",
        "leaf==1.0 --hash=md5:0",
        "leaf @ http://127.0.0.1/leaf.whl --hash=sha256:" + "0" * 64,
        "-r /etc/passwd",
        "--index-url http://127.0.0.1/",
        "leaf==1.0 --hash=sha256:" + "0" * 64 + " --index-url http://127.0.0.1/",
        "\0",
    ],
)
def test_a_lock_that_is_none_is_denied(packed: RunnerProcess, text: str) -> None:
    before = installed(packed)
    assert packed.run(FINE, lock=text).outcome is Outcome.POLICY_DENIED
    assert installed(packed) == before


def test_a_hash_that_is_not_the_files_is_refused_in_the_installers_words(
    packed: RunnerProcess,
) -> None:
    before = set(layers(packed))
    result = packed.run(FINE, lock="leaf==1.0 --hash=sha256:" + "0" * 64)
    assert result.outcome is Outcome.USER_ERROR
    assert result.error is not None
    assert "hash mismatch" in result.error.message.lower()
    assert set(layers(packed)) <= before


def test_five_who_ask_at_once_have_one_layer_made_once(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    text = index.pinned("leaf", "fails")
    before, count = set(layers(packed)), installed(packed)

    async def together() -> list[Outcome]:
        asked = [
            packed.client.run(packed.request(USE, lock=text, workspace=f"five-{n}"))
            for n in range(5)
        ]
        return [result.outcome for result in await asyncio.gather(*asked)]

    assert packed.await_(together()) == [Outcome.OK] * 5
    assert len(set(layers(packed)) - before) == 1
    assert installed(packed) == count + 1


def test_a_layer_outlives_the_runner(index: PackageIndex, tmp_path: Path) -> None:
    with running(tmp_path / "data", TREADLE_PACKAGE_INDEX=index.url) as runner:
        text = index.pinned("leaf")
        assert runner.run(USE, lock=text).items == [{"version": "2.0"}]
        runner.stop()
        asked = len(index.asked)
        runner.start()
        assert runner.run(USE, lock=text).items == [{"version": "2.0"}]
        assert installed(runner) == 1
        assert len(index.asked) == asked


def test_a_layer_cannot_be_changed_from_inside(index: PackageIndex, packed: RunnerProcess) -> None:
    code = (
        "import os\ndef run(items):\n    did = []\n    def attempt(name, what):\n"
        "        try:\n            what()\n            did.append(name)\n"
        "        except OSError: pass\n"
        "    for path in ('/layer', '/layer/leaf.py'):\n"
        "        attempt('chmod', lambda: os.chmod(path, 0o777))\n"
        "        attempt('chown', lambda: os.chown(path, os.getuid(), os.getgid()))\n"
        "        attempt('utime', lambda: os.utime(path))\n"
        "    for path in ('/layer/leaf.py', '/layer/new'):\n"
        "        for way in ('w', 'a'): attempt('open', lambda: open(path, way))\n"
        "    attempt('unlink', lambda: os.unlink('/layer/leaf.py'))\n"
        "    attempt('rename', lambda: os.rename('/layer/leaf.py', '/layer/x.py'))\n"
        "    attempt('mkdir', lambda: os.mkdir('/layer/x'))\n"
        "    attempt('link', lambda: os.link('/layer/leaf.py', '/layer/x.py'))\n"
        "    return [{'did': did, 'there': os.path.exists('/layer/leaf.py')}]"
    )
    result = packed.run(code, lock=index.pinned("leaf"))
    assert result.items == [{"did": [], "there": True}]


def test_workspaces_share_layers_and_never_sandboxes(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    text = index.pinned("leaf")
    code = USE.replace("leaf.VERSION", "hash('x')")
    packed.run(code, lock=text, workspace="sharing-a")
    before, count = set(layers(packed)), installed(packed)
    salts = [
        str(packed.run(code, lock=text, workspace=name).items)
        for name in ("sharing-a", "sharing-b")
    ]
    assert len(set(salts)) == 2
    assert set(layers(packed)) <= before
    assert installed(packed) == count


def test_a_run_without_packages_does_not_see_those_of_its_workspace(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    packed.run(USE, lock=index.pinned("leaf"), workspace="with-and-without")
    result = packed.run(USE, workspace="with-and-without")
    assert result.error is not None
    assert result.error.type == "ModuleNotFoundError"


def test_links_and_rights_of_a_wheel_do_not_reach_a_layer(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    result = packed.run(FINE, lock=index.pinned("linked"))
    assert result.outcome in (Outcome.OK, Outcome.POLICY_DENIED, Outcome.USER_ERROR)
    for path in (packed.data / "sandbox" / "layers").rglob("*"):
        assert not path.is_symlink()
        assert path.lstat().st_mode & 0o7022 == 0


def test_packages_that_are_too_large_are_refused(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    before = set(layers(packed))
    result = packed.run(FINE, lock=index.pinned("huge"))
    assert result.outcome is Outcome.POLICY_DENIED
    assert result.error is not None
    assert "larger" in result.error.message
    assert set(layers(packed)) <= before


def test_what_must_be_built_is_refused_by_default(packed: RunnerProcess) -> None:
    with pytest.raises(InvalidInput, match="sourced"):
        lock(packed, "sourced")


def test_what_must_be_built_is_built_in_a_sandbox_where_the_policy_says_so(
    packed: RunnerProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    policy = PackagePolicy(source_builds=True)
    text = lock(packed, "sourced", policy=policy).text
    code = "import sourced\ndef run(items):\n    return [{'on': sourced.BUILT_ON}]"
    result = packed.run(code, lock=text, policy=policy)
    assert result.items == [{"on": "sandbox"}], result.error
    assert not (tmp_path_factory.getbasetemp() / "mark").exists()
    # The same lock under another policy is another layer, and is not to be had.
    assert packed.run(code, lock=text).outcome is Outcome.USER_ERROR


@pytest.mark.parametrize(
    ("name", "outcome", "word"),
    [
        ("ends", Outcome.USER_ERROR, "exit code 3"),
        ("fails", Outcome.USER_ERROR, "no"),
        ("hangs", Outcome.TIMEOUT, "longer"),
        ("threads", Outcome.OK, ""),
    ],
)
def test_a_module_that_misbehaves_when_imported_ends_its_own_run_only(
    index: PackageIndex, packed: RunnerProcess, name: str, outcome: Outcome, word: str
) -> None:
    text = index.pinned(name)
    code = f"import {name}\ndef run(items):\n    return [{{'fine': True}}]"
    limits = {"timeout_s": 1} if outcome is Outcome.TIMEOUT else {}
    for _ in range(2):
        result = packed.run(code, lock=text, workspace=name, limits=limits)
        assert result.outcome is outcome, result
        assert word in (result.error.message if result.error else "")
        assert packed.run(FINE, lock=text, workspace=name).items == [{"fine": True}]
    assert packed.health()["state"] == "ready"


def test_a_module_that_hangs_is_not_imported_for_code_that_only_names_it(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    code = "def run(items):\n    if items[0]['all']: import hangs\n    return [{'fine': True}]"
    lock = index.pinned("hangs")
    result = packed.run(code, [{"all": False}], lock=lock, workspace="only-names")
    assert result.items == [{"fine": True}], result


def test_a_host_that_does_not_give_a_file_is_no_mistake_of_the_author(
    index: PackageIndex, packed: RunnerProcess
) -> None:
    other = PackagePolicy(deny=frozenset({"another"}))  # So that it is no layer that is there.
    index.is_out_of_order.set()
    try:
        with pytest.raises(SandboxUnavailable, match="503"):
            packed.run(FINE, lock=index.pinned("leaf"), policy=other)
    finally:
        index.is_out_of_order.clear()
    assert packed.run(FINE, lock=index.pinned("leaf"), policy=other).items == [{"fine": True}]


def test_without_uv_nothing_is_installed_and_the_remedy_is_told(tmp_path: Path) -> None:
    with running(tmp_path / "data", TREADLE_SANDBOX_UV=str(tmp_path / "none")) as runner:
        with pytest.raises(SandboxUnavailable, match="treadle setup"):
            lock(runner, "six")
        with pytest.raises(SandboxUnavailable, match="treadle setup"):
            runner.run(FINE, lock="six==1.0 --hash=sha256:" + "0" * 64)
        assert layers(runner) == []


def test_without_an_index_the_runner_is_unavailable(tmp_path: Path) -> None:
    index = PackageIndex()
    fill(index)
    with running(tmp_path / "data", TREADLE_PACKAGE_INDEX="http://127.0.0.1:9/simple") as runner:
        with pytest.raises(SandboxUnavailable, match="TREADLE_PACKAGE_INDEX"):
            lock(runner, "leaf")
        runner.stop()
        runner.environment["TREADLE_PACKAGE_INDEX"] = index.url
        runner.start()
        text = index.pinned("leaf")
        assert lock(runner, "leaf").packages
        # It was there and is there no more.
        index.close()
        with pytest.raises(SandboxUnavailable, match="TREADLE_PACKAGE_INDEX"):
            runner.run(FINE, lock=text)
        assert layers(runner) == []
        assert list((runner.data / "sandbox" / "building").glob("build-*")) == []


def test_a_runner_killed_while_it_installs_leaves_no_half_layer(
    index: PackageIndex, tmp_path: Path
) -> None:
    with running(tmp_path / "data", TREADLE_PACKAGE_INDEX=index.url) as runner:
        text = index.pinned("leaf")
        building = runner.data / "sandbox" / "building"
        index.hands_out.clear()
        try:
            asked = len(index.asked)
            run = runner.loop.create_task(runner.client.run(runner.request(USE, lock=text)))
            runner.until(lambda: any("GET /files/" in path for path in index.asked[asked:]))
            assert list(building.glob("build-*")) != []
            runner.kill()
            with pytest.raises(SandboxUnavailable):
                runner.await_(run)
        finally:
            index.hands_out.set()
        assert layers(runner) == []
        runner.until(lambda: processes_of(runner.data) == [])
        runner.start()
        assert list(building.iterdir()) == []
        assert runner.run(USE, lock=text).items == [{"version": "2.0"}]
        assert len(layers(runner)) == 1


def test_a_caller_that_gives_up_does_not_stop_an_installation(
    index: PackageIndex, tmp_path: Path
) -> None:
    with running(tmp_path / "data", TREADLE_PACKAGE_INDEX=index.url) as runner:
        text = index.pinned("leaf")
        request = runner.request(USE, lock=text)
        index.hands_out.clear()
        try:
            asked = len(index.asked)
            run = runner.loop.create_task(runner.client.run(request))
            runner.until(lambda: any("GET /files/" in path for path in index.asked[asked:]))
            runner.await_(runner.client.cancel(request.run_id))
            assert runner.await_(run).outcome is Outcome.CANCELLED
        finally:
            index.hands_out.set()
        runner.until(lambda: len(layers(runner)) == 1)
        assert runner.run(USE, lock=text).items == [{"version": "2.0"}]
        assert installed(runner) == 1


def fake_layers(folder: Path, **ages: float) -> Layers:
    """64 MiB of room, and layers of 20 MiB that were used so many seconds ago."""
    found = Layers(folder, None, "3.11", 64)  # type: ignore[arg-type]
    for name, age in ages.items():
        (folder / name / "files").mkdir(parents=True)
        record = folder / name / "layer.json"
        record.write_text(json.dumps({"modules": [], "bytes": 20 << 20}))
        os.utime(record, (time.time() - age, time.time() - age))
    return found


def test_the_layers_unused_for_longest_make_room(tmp_path: Path) -> None:
    found = fake_layers(tmp_path, old=9000, older=10_000, new=5000)
    found._make_room(4 << 20)
    assert {path.name for path in tmp_path.iterdir()} == {"old", "older", "new"}
    found._make_room(20 << 20)
    assert {path.name for path in tmp_path.iterdir()} == {"old", "new"}


def test_a_layer_that_a_sandbox_has_does_not_make_room(tmp_path: Path) -> None:
    found = fake_layers(tmp_path, old=9000, older=10_000, new=5000)
    found.in_use = lambda: [tmp_path / "older" / "files"]
    found._make_room(20 << 20)
    assert {path.name for path in tmp_path.iterdir()} == {"older", "new"}


def test_a_layer_that_has_just_been_asked_for_does_not_make_room(tmp_path: Path) -> None:
    found = fake_layers(tmp_path, old=30, older=50, new=5)
    found._make_room(60 << 20)
    assert {path.name for path in tmp_path.iterdir()} == {"old", "older", "new"}


def test_a_layer_that_made_room_is_forgotten(tmp_path: Path) -> None:
    found = fake_layers(tmp_path, old=9000, older=10_000, new=5000)
    found._known["older"] = Layer("older", tmp_path / "older" / "files", frozenset())
    found._make_room(20 << 20)
    assert "older" not in found._known


@pytest.mark.parametrize("what", ["symlink", "hard link", "fifo", "large"])
def test_only_plain_files_within_bounds_become_a_layer(tmp_path: Path, what: str) -> None:
    made = tmp_path / "files"
    (made / "package").mkdir(parents=True)
    plain = made / "package" / "__init__.py"
    plain.write_text("x = 1")
    plain.chmod(0o6777)
    assert _own(made, 1 << 20) > 0
    assert plain.stat().st_mode & 0o7777 == 0o755
    odd = made / "package" / "odd"
    match what:
        case "symlink":
            odd.symlink_to("/etc/passwd")
        case "hard link":
            odd.hardlink_to(plain)
        case "fifo":
            os.mkfifo(odd)
        case _:
            odd.write_bytes(bytes(2 << 20))
    with pytest.raises(NoLayer) as caught:
        _own(made, 1 << 20)
    assert caught.value.outcome.value == Outcome.POLICY_DENIED.value
