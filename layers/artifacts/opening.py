"""From TREADLE_ARTIFACTS_URL to the store that it names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from layers.artifacts.folder import FolderStore
from layers.artifacts.port import ArtifactStore
from layers.errors import SetupError
from layers.private_files import tighten


def open_store(url: str) -> ArtifactStore:
    """Return the store of ``file:///folder`` or ``s3://KEY:SECRET@host:port/bucket``.

    S3 takes ``?secure=false`` for plain HTTP and ``&region=…``; key and secret are percent-encoded.
    Nothing is connected to yet. Raises SetupError for anything else.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _unusable("it cannot be read") from error
    if parts.scheme == "file":
        path = unquote(parts.path)
        if parts.netloc or not path.startswith("/") or path == "/":
            raise _unusable("a folder is written with three slashes, as in file:///var/treadle")
        tighten([Path(path)])
        return FolderStore(Path(path))
    if parts.scheme != "s3":
        raise _unusable("it must begin with file:// or s3://")
    bucket = parts.path.strip("/")
    if not (parts.hostname and parts.username and parts.password and bucket) or "/" in bucket:
        raise _unusable("S3 is written as s3://KEY:SECRET@host:port/bucket")
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    if unknown := set(options) - {"secure", "region"}:
        raise _unusable(f"there is no option '{min(unknown)}'; there are secure and region")
    # Only here, because the library costs 30 MB of memory that most instances do without.
    from layers.artifacts.s3 import S3Store, S3Target

    scheme = "http" if options.get("secure", "true").lower() == "false" else "https"
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return S3Store(
        S3Target(
            endpoint=f"{scheme}://{host}" + (f":{port}" if port else ""),
            bucket=bucket,
            key=unquote(parts.username),
            secret=unquote(parts.password),
            region=options.get("region", "us-east-1"),
        )
    )


def _unusable(reason: str) -> SetupError:
    return SetupError(f"TREADLE_ARTIFACTS_URL is not usable: {reason}.")
