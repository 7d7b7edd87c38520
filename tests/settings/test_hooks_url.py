"""Where webhooks and callbacks are reached."""

from __future__ import annotations

import pytest

from layers.errors import SetupError
from layers.settings import Settings, load_settings

APP = "https://treadle.example.org"


def loaded(hooks: str) -> Settings:
    return load_settings({"TREADLE_PUBLIC_URL": APP, "TREADLE_HOOKS_URL": hooks})


def test_without_a_word_they_are_reached_where_the_app_is() -> None:
    server = load_settings({"TREADLE_PUBLIC_URL": APP}).server
    assert (server.hooks_url, server.own_hooks_url) == (APP, "")


@pytest.mark.parametrize(
    "address",
    ["https://hooks.example.org", "http://127.0.0.1:8709", "https://treadle.example.org:8443"],
)
def test_they_have_an_origin_of_their_own(address: str) -> None:
    assert loaded(f"{address}/").server.hooks_url == address


@pytest.mark.parametrize("address", [APP, f"{APP}/", f"{APP}:443", "https://TREADLE.example.org"])
def test_the_apps_own_origin_is_none_of_their_own(address: str) -> None:
    server = loaded(address).server
    assert (server.hooks_url, server.own_hooks_url) == (APP, "")


@pytest.mark.parametrize(
    "address",
    [
        "hooks.example.org",
        "ftp://hooks.example.org",
        "https://",
        "https://hooks.example.org/in",
        "https://hooks.example.org?x=1",
        "https://me:secret@hooks.example.org",
        "https://hooks.example.org:none",
    ],
)
def test_what_is_no_origin_is_refused(address: str) -> None:
    with pytest.raises(SetupError, match="TREADLE_HOOKS_URL"):
        loaded(address)


@pytest.mark.parametrize(
    ("app", "hooks", "named", "port"),
    [
        ("http://127.0.0.1:8700", "http://127.0.0.1:8709", "", 8709),
        ("http://127.0.0.1:8700", "http://127.0.0.1", "", 80),
        # What ends TLS listens at these ports, and passes on to the first one.
        ("https://treadle.example.org", "https://treadle.example.org:8443", "", None),
        ("https://treadle.example.org", "https://hooks.example.org", "", None),
        ("https://treadle.example.org", "https://hooks.example.org", "8709", 8709),
        ("http://127.0.0.1:8700", "", "", None),
    ],
)
def test_a_second_port_is_listened_on_where_they_are_told_apart_by_it(
    app: str, hooks: str, named: str, port: int | None
) -> None:
    settings = load_settings(
        {"TREADLE_PUBLIC_URL": app, "TREADLE_HOOKS_URL": hooks, "TREADLE_HOOKS_PORT": named}
    )
    assert settings.server.hooks_port == port


@pytest.mark.parametrize(
    ("hooks", "port"), [("https://hooks.example.org", "x"), ("https://hooks.example.org", "8700")]
)
def test_a_second_port_is_one_of_its_own(hooks: str, port: str) -> None:
    with pytest.raises(SetupError, match="TREADLE_HOOKS_PORT"):
        load_settings(
            {"TREADLE_PUBLIC_URL": APP, "TREADLE_HOOKS_URL": hooks, "TREADLE_HOOKS_PORT": port}
        )


def test_a_second_port_without_an_address_is_refused() -> None:
    with pytest.raises(SetupError, match="TREADLE_HOOKS_URL"):
        load_settings({"TREADLE_PUBLIC_URL": APP, "TREADLE_HOOKS_PORT": "8709"})
