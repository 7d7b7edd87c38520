"""Whether a file can be read at all, told without running it."""

from __future__ import annotations

import json
from pathlib import Path


def fault(path: Path) -> str | None:
    """What is wrong with a Python or JSON file: its line and the reason; None where all is well."""
    try:
        content = path.read_bytes()
        if path.suffix == ".py":
            compile(content, path, "exec", dont_inherit=True)
        elif path.suffix == ".json":
            json.loads(content)
    except SyntaxError as error:
        return f"line {error.lineno}: {error.msg}" if error.lineno else str(error.msg)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}: {error.msg}"
    except ValueError as error:
        return str(error)
    except OSError:
        # Away again; whoever imports it will say so.
        return None
    return None
