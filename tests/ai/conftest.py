"""An emulated service for each test, and the node served alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ai.chat_service import ChatService, serving_chat


@pytest.fixture
def chat() -> Iterator[ChatService]:
    with serving_chat() as service:
        yield service
