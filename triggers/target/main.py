"""The one target of functions-framework, for whichever pass is named in the settings.

It is loaded from its path under the bare name ``main``: nothing may import it, or it would exist
twice.
"""

from __future__ import annotations

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from layers.settings.functions import load_function_settings
from triggers.targets import answer

_name = load_function_settings().name


@functions_framework.aio.http
async def serve(request: Request) -> Response:
    """Run the pass once."""
    return await answer(_name, request)
