"""Prints the API's OpenAPI document, which the browser app's client is generated from."""

from __future__ import annotations

import json
import sys

from fastapi import FastAPI

from functions.http import openapi
from functions.main import GROUPS, VERSION


def document() -> dict[str, object]:
    """The document of all groups of routes; nothing is opened or started."""
    app = FastAPI(title="Treadle", version=VERSION)
    for group in GROUPS.values():
        app.router.routes.extend(group.routes)
    openapi.install(app)
    return app.openapi()


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1, sort_keys=True)
