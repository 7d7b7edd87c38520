"""The trigger ``error_trigger``: another workflow's execution failed."""

from __future__ import annotations

from layers.contract import Params, Sample, Source, StartedBy, Trigger


class ErrorTriggerParams(Params):
    """Nothing to set."""


trigger = Trigger(
    type="error_trigger",
    title="On a failed workflow",
    category="Triggers",
    summary="Starts when a workflow fails that names this one as its error workflow.",
    icon="siren",
    params=ErrorTriggerParams,
    source=Source.CALL,
    started_by=StartedBy.FAILURE,
    sample=Sample(
        params={},
        outputs={
            "main": [
                {
                    "workflow": {
                        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
                        "name": "Order intake",
                    },
                    "execution": {
                        "id": "01890a5e-0b1c-7c3e-9d52-2f6a1f0c8d11",
                        "started_at": "2026-05-17T08:30:00.000Z",
                        "finished_at": "2026-05-17T08:30:01.250Z",
                    },
                    "error": {
                        "node_id": "score",
                        "kind": "stop_and_error",
                        "message": "Order 7 has no address",
                    },
                }
            ]
        },
    ),
)
