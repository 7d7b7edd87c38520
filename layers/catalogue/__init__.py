"""Which node types and trigger types there are, wherever they come from."""

from layers.catalogue.described import SchemaParams, SpecRunner
from layers.catalogue.port import (
    NO_WORKSPACE,
    UNAVAILABLE,
    Catalogue,
    Found,
    Missing,
    NodeType,
    TriggerType,
    TypeSource,
    stand_in,
)
from layers.catalogue.sources import Declared, Sources, catalogue_of, node_type

__all__ = [
    "NO_WORKSPACE",
    "UNAVAILABLE",
    "Catalogue",
    "Declared",
    "Found",
    "Missing",
    "NodeType",
    "SchemaParams",
    "Sources",
    "SpecRunner",
    "TriggerType",
    "TypeSource",
    "catalogue_of",
    "node_type",
    "stand_in",
]
