"""What a node may ask of those who run it, beyond what its context has anyhow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

C = TypeVar("C")


@dataclass(frozen=True)
class Capability(Generic[C]):
    """The key to something that is lent to a node; ``ctx.use(it)`` gives a ``C``.

    Declare it beside its port, once: ``LANGUAGE_MODEL: Capability[LanguageModel] = …``. Who lends
    it stands in ``functions/capabilities.py``; docs/decisions/0047 says what that touches.
    """

    name: str
    """What is missing where nobody lends it, such as ``language models``."""
