"""Every node type that Treadle comes with, one a file: ``node`` in each file of a family.

A family is a folder. What several nodes share lies here, beside the families.
"""

from __future__ import annotations

import pkgutil
from typing import Any

from layers.contract import Node
from layers.registry.discovery import declared

FAMILIES = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.ispkg)

NODES: tuple[Node[Any], ...] = tuple(
    node for family in FAMILIES for node in declared(f"{__name__}.{family}", "node", Node)
)
