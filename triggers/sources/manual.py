"""The trigger ``manual``: a person or a program starts the workflow."""

from __future__ import annotations

from layers.contract import Params, Sample, Source, StartedBy, Trigger


class ManualParams(Params):
    """Nothing to set."""


trigger = Trigger(
    type="manual",
    title="Started by hand",
    category="Triggers",
    summary="Starts when somebody presses 'Run' or calls the API, with the items given there.",
    icon="play",
    params=ManualParams,
    source=Source.CALL,
    started_by=StartedBy.PERSON,
    sample=Sample(params={}, outputs={"main": [{}]}),
)
