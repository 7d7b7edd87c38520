"""``python -m tools.scaffold.documents``: writes anew every page that is made from the code."""

from __future__ import annotations

import subprocess
import sys

PAGES = {
    "functions.reference": "docs/nodes.md",
    "layers.expressions.reference": "docs/expressions.md",
}
"""By the module that writes it."""


def write_documents() -> None:
    """Write all of them, each in a process of its own: it has to see files that are new."""
    for module, page in PAGES.items():
        subprocess.run([sys.executable, "-m", module, page], check=True)


if __name__ == "__main__":
    write_documents()
