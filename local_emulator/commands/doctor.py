"""``treadle doctor``."""

from __future__ import annotations

import typer


def doctor() -> None:
    """Say, line by line, what this machine has and lacks, and what to do about it.

    Exit code 0: Treadle can serve here; 1: something that it needs is missing.
    """
    import logging
    import sys

    from layers.settings import load_settings
    from layers.settings.environment import colours_wanted
    from local_emulator.checks import all_checks
    from local_emulator.progress import Progress

    logging.disable(logging.CRITICAL)
    settings = load_settings()
    coloured = colours_wanted(sys.stdout)
    checks = all_checks()
    findings = []
    with Progress("checks", len(checks)) as progress:
        for check in checks:
            findings.append(check(settings))
            progress.advance(findings[-1].name)
    for finding in findings:
        mark = "ok" if finding.good else "MISSING" if finding.needed else "absent"
        colour = 32 if finding.good else 31 if finding.needed else 33
        shown = f"\x1b[{colour}m{mark:<7}\x1b[0m" if coloured else f"{mark:<7}"
        print(f"{shown} {finding.name}: {finding.text}")
        if finding.remedy and not finding.good:
            print(f"{'':7} -> {finding.remedy}")
    if any(finding.needed and not finding.good for finding in findings):
        raise typer.Exit(1)
