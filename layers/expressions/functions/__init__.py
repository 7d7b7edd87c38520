"""The documented functions, one family a file; importing this package registers them all."""

from layers.expressions.functions import (
    dates,
    encodings,
    kinds,
    lists,
    numbers,
    objects,
    patterns,
    texts,
)

__all__ = ["dates", "encodings", "kinds", "lists", "numbers", "objects", "patterns", "texts"]
