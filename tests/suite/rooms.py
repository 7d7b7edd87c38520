"""Which tests are about which files: tests mirror the rooms, and this says where they do not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePosixPath

# The first that fits a path counts; what is empty is in the tests of its own folder's name.
PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("functions/nodes/net/", ("tests/nodes", "tests/nodes_net", "tests/functions")),
    ("functions/nodes/http_", ("tests/nodes", "tests/nodes_net", "tests/functions")),
    ("functions/nodes/ai/", ("tests/nodes", "tests/ai", "tests/functions")),
    ("functions/nodes/", ("tests/nodes", "tests/functions")),
    ("functions/http/billing", ("tests/billing",)),
    ("functions/http/", ("tests/http", "tests/security")),
    ("functions/", ("tests/functions", "tests/http")),
    ("layers/database/", ("tests/database", "tests/engine", "tests/identity")),
    ("layers/identity/", ("tests/identity", "tests/http", "tests/security")),
    ("layers/contract/", ("tests/nodes", "tests/nodes_net", "tests/engine", "tests/triggers")),
    ("layers/language_models/", ("tests/ai",)),
    ("layers/sandbox/", ("tests/sandbox_runner",)),
    ("layers/", ()),
    ("triggers/", ("tests/triggers", "tests/functions")),
    ("billing/", ("tests/billing", "tests/security")),
    ("sandbox_runner/", ("tests/sandbox_runner",)),
    ("local_emulator/providers/stripe/", ("tests/stripe_emulator",)),
    ("local_emulator/providers/", ("tests/oauth",)),
    ("local_emulator/", ("tests/local_emulator", "tests/security")),
    ("bench/", ("tests/bench",)),
    ("docs/deploy/", ("tests/deploy",)),
    ("docs/how-to-add.md", ("tests/scaffold",)),
    ("tools/scaffold/", ("tests/scaffold",)),
    ("docs/", ("tests/functions", "tests/billing/test_documented.py")),
    ("marketplace/", ("tests/marketplace",)),
    ("tools/build", ("tests/deploy",)),
    ("tools/deployed_requirements.py", ("tests/deploy",)),
    ("setup.py", ("tests/deploy",)),
    ("MANIFEST.in", ("tests/deploy",)),
    ("render.yaml", ("tests/deploy",)),
)
SUPPORT = ("tests/plugins/", "tests/suite/")


def places_for(changed: Iterable[str], repository: Path) -> list[str]:
    """Return the files and folders of tests to run for changed paths, none twice."""
    found: dict[str, None] = {}
    for path in sorted(changed):
        for place in _places_of(path, repository):
            if (repository / place).exists():
                found.setdefault(place)
    return [place for place in found if not any(_holds(other, place) for other in found)]


def app_changed(changed: Iterable[str]) -> bool:
    """Whether the browser app has to be looked at."""
    return any(path.startswith("web/") for path in changed)


def _places_of(path: str, repository: Path) -> tuple[str, ...]:
    if path.startswith("tests/"):
        return _tests_beside(path)
    for start, places in PLACES:
        if path.startswith(start):
            return places or _room_of_layer(path, repository)
    return ()


def _tests_beside(path: str) -> tuple[str, ...]:
    """A file of tests is one to run; what such files share concerns all of its folder."""
    pure = PurePosixPath(path)
    if pure.name.startswith("test_") and pure.suffix == ".py":
        return (path,)
    if path.startswith(SUPPORT) or len(pure.parts) == 2:
        return ("tests/suite",)
    return (str(PurePosixPath(*pure.parts[:2])),)


def _room_of_layer(path: str, repository: Path) -> tuple[str, ...]:
    layer = PurePosixPath(path).parts[1].removesuffix(".py")
    own = (f"tests/{layer}", f"tests/layers/test_{layer}.py")
    return own if any((repository / place).exists() for place in own) else ("tests/layers",)


def _holds(folder: str, place: str) -> bool:
    return place != folder and place.startswith(folder + "/")
