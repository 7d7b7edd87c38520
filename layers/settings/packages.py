"""Which packages the whole instance lets Python steps bring."""

from __future__ import annotations

from collections.abc import Mapping

from layers.errors import SetupError
from layers.packages.policy import PackagePolicy, normalized_name, normalized_version

ALLOW = "TREADLE_PACKAGES_ALLOW"
DENY = "TREADLE_PACKAGES_DENY"
FLOORS = "TREADLE_PACKAGES_FLOORS"
SOURCE_BUILDS = "TREADLE_PACKAGES_SOURCE_BUILDS"
_FLAGS = {"": False, "false": False, "0": False, "no": False, "true": True, "1": True, "yes": True}


def load_package_policy(env: Mapping[str, str]) -> PackagePolicy:
    """Read the instance's policy; raises SetupError that names the variable and the entry."""
    allow = _names(env, ALLOW)
    flag = env.get(SOURCE_BUILDS, "").strip().lower()
    if flag not in _FLAGS:
        raise SetupError(f"{SOURCE_BUILDS} must be true or false, not {flag!r}.")
    return PackagePolicy(
        # Without any name it is as if not set: to allow nothing would help nobody.
        allow=frozenset(allow) if allow else None,
        deny=frozenset(_names(env, DENY)),
        floors=_floors(env),
        source_builds=_FLAGS[flag],
    )


def _names(env: Mapping[str, str], variable: str) -> list[str]:
    try:
        return [normalized_name(entry) for entry in _entries(env, variable)]
    except ValueError as error:
        raise SetupError(f"{variable}: {error}") from error


def _floors(env: Mapping[str, str]) -> dict[str, str]:
    floors: dict[str, str] = {}
    for entry in _entries(env, FLOORS):
        name, mark, lowest = entry.partition(">=")
        if not mark:
            raise SetupError(
                f"{FLOORS}: {entry!r} has no lowest version; write it as 'requests>=2.31'."
            )
        try:
            key, version = normalized_name(name.strip()), normalized_version(lowest.strip())
        except ValueError as error:
            raise SetupError(f"{FLOORS}: {entry!r}: {error}") from error
        if key in floors:
            raise SetupError(f"{FLOORS} names {key!r} twice; leave one of them out.")
        floors[key] = version
    return floors


def _entries(env: Mapping[str, str], variable: str) -> list[str]:
    return [part.strip() for part in env.get(variable, "").split(",") if part.strip()]
