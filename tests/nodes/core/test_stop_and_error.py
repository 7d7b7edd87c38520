"""Stopping on purpose."""

from __future__ import annotations

import pytest

from functions.nodes.core.stop_and_error import node
from layers.contract import NodeError
from tests.nodes.context import run_node


def test_it_stops_with_the_message_and_asks_for_no_retry() -> None:
    with pytest.raises(NodeError) as error:
        run_node(node, {"message": "Order {{ item.id }} has no address"}, [{"id": 7}, {"id": 8}])

    assert error.value.message == "Order 7 has no address"
    assert error.value.kind == "stop_and_error"
    assert not error.value.retry
