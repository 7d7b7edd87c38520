"""What docs/billing.md says of statuses is what the code grants."""

from __future__ import annotations

import re
from pathlib import Path

from billing.accounts.statuses import GRANTS

PAGE = Path(__file__).parents[2] / "docs" / "billing.md"


def test_every_status_stands_there_as_it_is() -> None:
    rows = re.findall(
        r"^\| `([a-z_]+)` \| (holds|does not hold)(.*?) \|", PAGE.read_text(), re.MULTILINE
    )
    told = {status: (holds == "holds", rest) for status, holds, rest in rows}
    assert set(told) == set(GRANTS)
    for status, grant in GRANTS.items():
        assert told[status][0] == grant.plan, status
        days = re.search(r"for (\d+) days", told[status][1])
        assert (int(days[1]) if days else None) == grant.grace_days, status
