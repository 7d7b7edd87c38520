"""The node ``no_op``: passes items on."""

from __future__ import annotations

from layers.contract import Context, Items, Node, Outputs, Params, Sample, only


class NoOpParams(Params):
    """Nothing to set."""


def run(params: NoOpParams, items: Items, ctx: Context) -> Outputs:
    """Give the items as they came."""
    return only(items)


node = Node(
    type="no_op",
    title="Do nothing",
    category="Flow",
    summary="Passes items on as they are; a place to bring branches together or to leave a note.",
    icon="circle-dashed",
    params=NoOpParams,
    run=run,
    sample=Sample(params={}, items=[{"n": 1}], outputs={"main": [{"n": 1}]}),
)
