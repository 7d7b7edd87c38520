"""What the allow list lets through, entry by entry."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from layers.contract import NodeError
from layers.errors import SetupError
from layers.outbound.addresses import literal, special_use
from layers.outbound.policy import AddressPolicy


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450::1"],
)
def test_a_public_address_needs_no_entry(address: str) -> None:
    assert special_use(ip_address(address)) is None
    AddressPolicy().check("example.com", 443, ip_address(address))


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "permitted"),
    [
        ("10.1.0.0/16", "a.test", 80, "10.1.200.3", True),
        ("10.1.0.0/16", "a.test", 80, "10.2.0.1", False),
        ("10.1.2.3", "a.test", 9, "10.1.2.3", True),
        ("10.1.2.3", "a.test", 9, "10.1.2.30", False),
        ("10.1.2.3:5432", "a.test", 5432, "10.1.2.3", True),
        ("10.1.2.3:5432", "a.test", 5433, "10.1.2.3", False),
        ("[fd00::7]:443", "a.test", 443, "fd00::7", True),
        ("[fd00::7]:443", "a.test", 80, "fd00::7", False),
        ("fd00::/8", "a.test", 80, "fd00::7", True),
        ("::1", "localhost", 80, "::1", True),
        ("db.internal", "DB.internal.", 1, "10.9.9.9", True),
        ("db.internal", "evil-db.internal", 1, "10.9.9.9", False),
        ("db.internal", "db.internal.evil.test", 1, "10.9.9.9", False),
        ("db.internal:5432", "db.internal", 5432, "10.9.9.9", True),
        ("db.internal:5432", "db.internal", 22, "10.9.9.9", False),
        # An IPv4 entry says nothing of the forms that hide the address within IPv6.
        ("127.0.0.1", "a.test", 80, "::ffff:127.0.0.1", False),
        ("0.0.0.0/0", "a.test", 80, "::1", False),
    ],
)
def test_an_entry_permits_what_it_names_and_nothing_else(
    entry: str, host: str, port: int, address: str, permitted: bool
) -> None:
    policy = AddressPolicy((entry,))
    assert policy.permits(host, port, ip_address(address)) is permitted
    assert not AddressPolicy().permits(host, port, ip_address(address))


def test_entries_may_be_surrounded_by_blanks_and_empty() -> None:
    policy = AddressPolicy((" 10.0.0.1 ", "", "  "))
    assert policy.permits("a", 80, ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "entry",
    [
        "10.0.0.1/8",
        "http://10.0.0.1",
        "10.0.0.1:0",
        "10.0.0.1:99999",
        "a b",
        "*.internal",
        "fd00::7]:1",
        "1.2.3.400",
        "[10.0.0.1]",
    ],
)
def test_an_entry_that_names_nothing_is_a_setup_error_that_quotes_it(entry: str) -> None:
    with pytest.raises(SetupError, match="TREADLE_ALLOW_PRIVATE_NETWORK") as caught:
        AddressPolicy((entry,))
    assert entry in caught.value.detail


def test_a_refusal_names_the_host_and_the_remedy_but_not_the_address() -> None:
    with pytest.raises(NodeError) as caught:
        AddressPolicy().check("db.internal", 5432, ip_address("10.9.8.7"))
    assert caught.value.kind == "refused_address"
    assert not caught.value.retry
    assert "db.internal" in caught.value.message
    assert "TREADLE_ALLOW_PRIVATE_NETWORK" in caught.value.message
    assert "10.9.8.7" not in caught.value.message


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0X7F000001", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("1.2.3.4.", "1.2.3.4"),
        ("10.0.65535", "10.0.255.255"),
        ("0x", "0.0.0.0"),
        ("::FFFF:1", "::ffff:1"),
    ],
)
def test_every_spelling_of_an_address_is_read_as_that_address(host: str, address: str) -> None:
    assert literal(host) == ip_address(address)


@pytest.mark.parametrize("host", ["example.com", "1.example", "0x7f.example", "a1", "1a"])
def test_a_name_is_no_address(host: str) -> None:
    assert literal(host) is None


@pytest.mark.parametrize(
    "host", ["256.1", "1.2.3.4.5", "a.1", "4294967296", "1.2.3.256", "09.1", "9" * 5000]
)
def test_a_host_that_ends_in_a_number_but_is_no_address_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="address"):
        literal(host)
