"""``treadle migrate``."""

from __future__ import annotations


def migrate() -> None:
    """Bring the database to the schema that this version needs; harmless when it has it."""
    from layers.settings import load_settings
    from local_emulator.parts.schema import migrate as apply

    changed = apply(load_settings())
    print("The schema was brought up to date." if changed else "The schema is up to date.")
