"""Files of a run: in to be read, out only as plain files, within bounds, whatever is forged."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from layers.errors import InvalidInput
from layers.sandbox import Outcome, SandboxResult
from layers.sandbox.port import SandboxFile
from tests.sandbox_runner.runner_process import RunnerProcess

pytestmark = pytest.mark.sandbox

EVERY_BYTE = bytes(range(256)) * 4 + b"\n\r\n\0"
COPY = """
def run(items, ctx):
    for file in ctx.files:
        with open(f'/out/{file.name}', 'wb') as out:
            out.write(file.read())
    return items
"""
# Answers in place of the guest: what is packed at descriptor 4 is all that the runner gets.
FORGE = """
import json, os, struct, time
def packed(data):
    return struct.pack('<I', len(data)) + data
def run(items):
    one = items[0]
    said = b'F' + packed(b'V[{}]') + packed(one['listing'].encode()) + b'x' * one['bytes']
    if one.get('cut'):
        said = said[:one['cut']]
    os.write(4, packed(said))
    time.sleep(600)
"""


def refusal(result: SandboxResult) -> str:
    """Why it was refused: by an answer to the author, with no items and no files."""
    assert result.outcome is Outcome.USER_ERROR, result
    assert result.items is None
    assert list(result.files) == []
    assert result.error is not None
    return result.error.message


@pytest.mark.parametrize("mode", ["run", "warm"])
def test_files_come_in_by_item_to_be_read_only(runner: RunnerProcess, mode: str) -> None:
    code = (
        "import os\ndef run(items, ctx):\n    wrote = []\n"
        "    for path in [file.path for file in ctx.files] + ['/in/new', '/in/0/new']:\n"
        "        for way in ('r+b', 'ab', 'wb'):\n"
        "            try:\n                open(path, way)\n                wrote.append(path)\n"
        "            except OSError: pass\n"
        "    for file in ctx.files:\n"
        "        try:\n            os.unlink(file.path)\n            wrote.append('unlinked')\n"
        "        except OSError: pass\n"
        "    return [{'files': [[*file, file.read().hex()] for file in ctx.files],\n"
        "             'wrote': wrote, 'in': sorted(os.listdir('/in'))}]"
    )
    files = [
        SandboxFile("a.csv", "text/csv", b"1,2", 0),
        SandboxFile("b.bin", "application/x-b", EVERY_BYTE, 2),
    ]
    for _ in range(2):
        result = runner.run(code, [{}, {}, {}], files=files, mode=mode, workspace="files-in")
        assert result.items == [
            {
                "files": [
                    ["a.csv", "text/csv", 3, 0, "/in/0/a.csv", b"1,2".hex()],
                    ["b.bin", "application/x-b", len(EVERY_BYTE), 2, "/in/2/b.bin",
                     EVERY_BYTE.hex()],
                ],
                "wrote": [],
                "in": ["0", "2"],
            }
        ]  # fmt: skip


@pytest.mark.parametrize("mode", ["run", "warm"])
def test_files_go_out_with_the_item_that_they_belong_to(runner: RunnerProcess, mode: str) -> None:
    code = (
        "import os\ndef run(items):\n    left = os.listdir('/out')\n    os.makedirs('/out/1')\n"
        "    open('/out/first.txt', 'w').write('first')\n"
        "    open('/out/1/second.png', 'wb').write(bytes(range(256)) * 4 + b'\\n\\r\\n\\0')\n"
        "    open('/out/0empty', 'w').close()\n    return [{'left': left}, {}]"
    )
    for _ in range(2):
        result = runner.run(code, files=[], mode=mode, workspace="files-out")
        assert result.items == [{"left": []}, {}]
        files = {file.name: file for file in result.files}
        assert set(files) == {"first.txt", "second.png", "0empty"}
        assert (files["first.txt"].content, files["first.txt"].item) == (b"first", 0)
        assert (files["second.png"].content, files["second.png"].item) == (EVERY_BYTE, 1)
        assert files["second.png"].media_type == "image/png"
        assert (files["0empty"].content, files["0empty"].item) == (b"", 0)


def test_each_item_finds_all_files_and_leaves_its_own(runner: RunnerProcess) -> None:
    code = (
        "import os\ndef run(item, ctx):\n"
        "    mine = [file for file in ctx.files if file.item == item['n']]\n"
        "    os.makedirs(f\"/out/{item['n']}\")\n"
        "    open(f\"/out/{item['n']}/copy\", 'wb').write(mine[0].read())\n"
        "    return {'n': item['n'], 'all': len(ctx.files)}"
    )
    files = [SandboxFile(f"{n}.txt", "text/plain", f"of {n}".encode(), n) for n in range(3)]
    result = runner.run(code, [{"n": n} for n in range(3)], files=files, per="each_item")
    assert result.items == [{"n": n, "all": 3} for n in range(3)]
    found = sorted((file.item, file.content) for file in result.files)
    assert found == [(n, f"of {n}".encode()) for n in range(3)]


def test_two_files_of_one_name_are_both_there(runner: RunnerProcess) -> None:
    code = "def run(items, ctx):\n    return [{'read': [f.read().decode() for f in ctx.files]}]"
    files = [SandboxFile("same", "text/plain", text, 0) for text in (b"one", b"two")]
    assert runner.run(code, [{}], files=files).items == [{"read": ["one", "two"]}]


@pytest.mark.parametrize("mode", ["run", "warm"])
def test_large_files_pass_both_ways(runner: RunnerProcess, mode: str) -> None:
    content = hashlib.shake_128(b"large").digest(20 << 20)
    files = [SandboxFile("large", "application/octet-stream", content, 0)]
    result = runner.run(COPY, [{"a": 1}], files=files, mode=mode, limits={"timeout_s": 60})
    assert result.outcome is Outcome.OK, result.error
    (copy,) = result.files
    assert hashlib.sha256(copy.content).digest() == hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    "name",
    ["with space.txt", "ünï-日本-😀", "-rf", "a'b\"c\\d", "$(x);&|*?", "..hidden", "x" * 200],
)
def test_odd_names_pass_both_ways(runner: RunnerProcess, name: str) -> None:
    result = runner.run(COPY, [{}], files=[SandboxFile(name, "text/plain", b"x", 0)])
    assert result.outcome is Outcome.OK, result.error
    assert [(file.name, file.content) for file in result.files] == [(name, b"x")]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/etc/x", "a\0b", "a\nb", "x" * 201]
)
def test_what_is_no_name_of_a_file_does_not_come_in(runner: RunnerProcess, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        runner.run(COPY, [{}], files=[SandboxFile(name, "text/plain", b"x", 0)])
    assert [error.pointer for error in caught.value.errors] == ["/files"]


@pytest.mark.parametrize("name", [r"a\nb", r"a\x1bb", r"\x7f", r"\udcff", "x" * 201])
def test_a_file_with_an_impossible_name_is_refused_by_name(
    runner: RunnerProcess, name: str
) -> None:
    code = f"def run(items):\n    open('/out/{name}', 'w').close()\n    return []"
    assert "name" in refusal(runner.run(code, files=[]))


@pytest.mark.parametrize("mode", ["run", "warm"])
@pytest.mark.parametrize(
    ("leave", "word"),
    [
        ("os.symlink('/etc/passwd', '/out/x')", "link"),
        ("os.symlink('/etc', '/out/x')", "link"),
        ("os.symlink('/in', '/out/0')", "link"),
        ("open('/out/a', 'w').close(); os.link('/out/a', '/out/x')", "link"),
        ("os.mkfifo('/out/x')", "link or a device"),
        ("socket.socket(socket.AF_UNIX).bind('/out/x')", "link or a device"),
        ("os.makedirs('/out/0/x')", "folder"),
        ("os.makedirs('/out/x')", "folder"),
        ("os.makedirs('/out/-1')", "folder"),
        ("os.makedirs('/out/' + '9' * 200)", "folder"),
        ("os.makedirs('/out/0'); os.symlink('/etc/passwd', '/out/0/x')", "link"),
    ],
)
def test_only_plain_files_are_taken(
    runner: RunnerProcess, leave: str, word: str, mode: str
) -> None:
    code = f"import os, socket\ndef run(items):\n    {leave}\n    return [{{}}]"
    message = refusal(runner.run(code, files=[], mode=mode, workspace="plain-files"))
    assert word in message
    assert "/out/" in message


@pytest.mark.parametrize(
    ("limits", "made", "word"),
    [
        ({"file_count": 3}, "[f'/out/{n}x' for n in range(4)]", "4 files in /out; 3 are allowed"),
        ({"file_count": 3}, "[f'/out/{n // 2}/{n}' for n in range(4)]", "3 are allowed"),
        ({"file_bytes": 3}, "['/out/a', '/out/b', '/out/c', '/out/0/d']", "3 are allowed"),
        ({"file_count": 0}, "['/out/a']", "0 are allowed"),
    ],
    ids=["count", "count over folders", "bytes", "none"],
)
def test_files_out_are_bounded(
    runner: RunnerProcess, limits: dict[str, int], made: str, word: str
) -> None:
    code = (
        f"import os\ndef run(items):\n    for path in {made}:\n"
        "        os.makedirs(os.path.dirname(path), exist_ok=True)\n"
        "        open(path, 'w').write('x')\n    return [{}]"
    )
    assert word in refusal(runner.run(code, files=[], limits=limits))


def test_a_bound_that_is_just_kept_is_kept(runner: RunnerProcess) -> None:
    code = "def run(items):\n    for n in 'abc': open('/out/' + n, 'w').write('x')\n    return [{}]"
    result = runner.run(code, files=[], limits={"file_count": 3, "file_bytes": 3})
    assert len(result.files) == 3


@pytest.mark.parametrize(
    "item",
    [
        {"listing": '[{"name": "a", "item": 0, "size": 5}]', "bytes": 4},
        {"listing": '[{"name": "a", "item": 0, "size": 5}]', "bytes": 6},
        {"listing": '[{"name": "a", "item": 0, "size": -5}]', "bytes": 0},
        {
            "listing": '[{"name": "a", "item": 0, "size": 9},{"name": "b", "item": 0, "size": -4}]',
            "bytes": 5,
        },
        {"listing": '[{"name": "../../etc/x", "item": 0, "size": 5}]', "bytes": 5},
        {"listing": '[{"name": "..", "item": 0, "size": 5}]', "bytes": 5},
        {"listing": '[{"name": "a\\u0000b", "item": 0, "size": 5}]', "bytes": 5},
        {"listing": '[{"name": "/etc/x", "item": 0, "size": 5}]', "bytes": 5},
        {"listing": '[{"name": "a", "item": -1, "size": 5}]', "bytes": 5},
        {"listing": '[{"name": "a", "item": "0", "size": 5}]', "bytes": 5},
        {"listing": '[{"name": "a", "item": 0, "size": 5.0}]', "bytes": 5},
        {"listing": '[{"name": "a", "item": 0, "size": true}]', "bytes": 1},
        {"listing": '[{"name": 5, "item": 0, "size": 5}]', "bytes": 5},
        {"listing": '[{"name": "a"}]', "bytes": 0},
        {"listing": '{"name": "a"}', "bytes": 0},
        {"listing": "7", "bytes": 0},
        {"listing": "not json", "bytes": 0},
        {"listing": "[" * 100_000, "bytes": 0},
        {"listing": "[]", "bytes": 0, "cut": 3},
        {"listing": "[]", "bytes": 0, "cut": 12},
    ],
    ids=lambda item: f"{item['listing'][:60]}+{item['bytes']}",
)
@pytest.mark.parametrize("mode", ["run", "warm"])
def test_a_forged_list_of_files_delivers_nothing(
    runner: RunnerProcess, item: dict[str, Any], mode: str
) -> None:
    assert refusal(runner.run(FORGE, [item], files=[], mode=mode, workspace="forged"))


def test_more_forged_files_than_allowed_are_refused(runner: RunnerProcess) -> None:
    listing = ",".join('{"name": "a", "item": 0, "size": 0}' for _ in range(4))
    item = {"listing": f"[{listing}]", "bytes": 0}
    assert refusal(runner.run(FORGE, [item], files=[], limits={"file_count": 3}))
    item = {"listing": '[{"name": "a", "item": 0, "size": 9}]', "bytes": 9}
    assert refusal(runner.run(FORGE, [item], files=[], limits={"file_bytes": 8}))


def test_files_of_a_run_that_has_none_are_refused(runner: RunnerProcess) -> None:
    item = {"listing": '[{"name": "a", "item": 0, "size": 1}]', "bytes": 1}
    assert refusal(runner.run(FORGE, [item]))


def test_a_run_without_files_has_no_folders_for_them(runner: RunnerProcess) -> None:
    code = (
        "import os\ndef run(items, ctx):\n    made = []\n"
        "    for path in ('/in/x', '/out/x'):\n"
        "        try:\n            open(path, 'w')\n            made.append(path)\n"
        "        except OSError: pass\n"
        "    return [{'files': list(ctx.files), 'made': made}]"
    )
    result = runner.run(code)
    assert result.items == [{"files": [], "made": []}]
    assert list(result.files) == []


def test_a_run_does_not_see_the_files_of_another(runner: RunnerProcess) -> None:
    look = (
        "import os\ndef run(items):\n"
        "    return [{'seen': [os.path.join(p, f) for top in ('/in', '/out')\n"
        "             for p, _, files in os.walk(top) for f in files]}]"
    )
    files = [SandboxFile("mine", "text/plain", b"x", 0)]
    for mode in ("run", "warm"):
        runner.run(COPY, [{}], files=files, workspace="others-files", mode=mode)
        seen = runner.run(look, files=[], workspace="others-files", mode=mode)
        assert seen.items == [{"seen": []}]


def test_a_file_that_shrinks_while_it_is_taken_is_the_authors_error(
    runner: RunnerProcess,
) -> None:
    code = (
        "import os\ndef run(items):\n    open('/out/x', 'wb').write(bytes(8 << 20))\n"
        "    if os.fork() == 0:\n        while True: os.truncate('/out/x', 0)\n"
        "    return [{}]"
    )
    result = runner.run(code, files=[])
    # Whoever is first; never somebody else's fault, and never a file of another size.
    assert result.outcome in (Outcome.OK, Outcome.USER_ERROR)
    assert all(len(file.content) in (0, 8 << 20) for file in result.files)
