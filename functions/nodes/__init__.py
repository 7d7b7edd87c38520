"""Every node type that Treadle comes with, one a file."""

from __future__ import annotations

from typing import Any

from functions.nodes.ai import ai_chat
from functions.nodes.code import python
from functions.nodes.core import (
    aggregate,
    date_time,
    limit,
    no_op,
    remove_duplicates,
    sort,
    split_out,
    stop_and_error,
)
from functions.nodes.core import filter as filter_
from functions.nodes.core import set as set_
from functions.nodes.flow import (
    execute_workflow,
    if_,
    loop,
    merge,
    respond,
    switch,
    wait,
)
from functions.nodes.net import http_request
from layers.contract import Node

NODES: tuple[Node[Any], ...] = (
    aggregate.node,
    ai_chat.node,
    date_time.node,
    execute_workflow.node,
    filter_.node,
    http_request.node,
    if_.node,
    limit.node,
    loop.node,
    merge.node,
    no_op.node,
    python.node,
    remove_duplicates.node,
    respond.node,
    set_.node,
    sort.node,
    split_out.node,
    stop_and_error.node,
    switch.node,
    wait.node,
)
