"""The node ``loop``: hands items on in batches."""

from __future__ import annotations

from layers.contract import Context, Control, Items, Node, Outputs, Parameter, Params, Sample


class LoopParams(Params):
    """How many at a time."""

    batch_size: int = Parameter(
        default=1,
        ge=1,
        title="Batch size",
        description=(
            "How many items leave at 'batch' at a time. Lead the branch back to this node: when "
            "all have been round, everything that came back leaves at 'done'."
        ),
        examples=[10],
    )


def run(params: LoopParams, items: Items, ctx: Context) -> Outputs:
    """Give the next batch of the items not yet handed out; the engine does the rest."""
    return {"batch": items[: params.batch_size]}


node = Node(
    type="loop",
    title="Loop over items",
    category="Flow",
    summary="Hands items on in batches, and gathers what comes back.",
    icon="repeat",
    params=LoopParams,
    outputs=("batch", "done"),
    control=Control.LOOP,
    run=run,
    sample=Sample(
        params={"batch_size": 2},
        items=[{"n": 1}, {"n": 2}, {"n": 3}],
        outputs={"batch": [{"n": 1}, {"n": 2}]},
    ),
)
