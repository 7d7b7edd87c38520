"""The one target of functions-framework, for whichever function is named in the settings.

It is loaded from its path under the bare name ``main``: nothing may import it, or it would exist
twice.
"""

from __future__ import annotations

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from functions.targets import Target
from layers import private_files
from layers.settings.functions import load_function_settings

private_files.begin()
_target = Target(load_function_settings().name)


@functions_framework.aio.http
async def serve(_request: Request) -> Response:
    """Hand the request to the function's own app."""
    return _target
