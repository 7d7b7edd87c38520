from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sandbox_runner.egress_world import Server, make_certificate
from tests.sandbox_runner.outer_world import HERE, OuterWorld, bundle_with
from tests.sandbox_runner.runner_process import RunnerProcess, running


@pytest.fixture(scope="session")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunnerProcess]:
    """One runner for all tests that leave it as they found it."""
    with running(tmp_path_factory.mktemp("runner") / "data") as process:
        yield process


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OuterWorld]:
    """A runner whose steps may be allowed to reach two servers, one of them over TLS."""
    folder = tmp_path_factory.mktemp("outside")
    authority, certificate = make_certificate(folder, HERE)
    plain, secure = Server(host=HERE), Server(certificate, host=HERE)
    environment = {
        "TREADLE_ALLOW_PRIVATE_NETWORK": HERE,
        "SSL_CERT_FILE": str(bundle_with(authority)),
    }
    try:
        with running(folder / "data", **environment) as process:
            yield OuterWorld(process, plain, secure)
    finally:
        plain.close()
        secure.close()
