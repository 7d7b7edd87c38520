"""Where artifacts are kept: named by one address, or by its parts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from layers.errors import SetupError

URL = "TREADLE_ARTIFACTS_URL"
ADDRESS, BUCKET = "TREADLE_S3_ADDRESS", "TREADLE_S3_BUCKET"
KEY, SECRET = "TREADLE_S3_KEY", "TREADLE_S3_SECRET"
SECURE = "TREADLE_S3_SECURE"


def load_artifacts_url(env: Mapping[str, str], folder: Path) -> str:
    """Read the store's address, as ``layers.artifacts.open_store`` takes it.

    Some platforms hand over host and secret singly, and cannot put them together: those are
    TREADLE_S3_ADDRESS (``host:port``), …_KEY, …_SECRET, and …_BUCKET (``treadle``) and …_SECURE
    (``true``). The one address, if set, counts before them. Raises SetupError for parts alone.
    """
    if url := env.get(URL, "").strip():
        return url
    address = env.get(ADDRESS, "").strip()
    if not address:
        return f"file://{folder}/artifacts"
    key, secret = env.get(KEY, "").strip(), env.get(SECRET, "").strip()
    for name, value in ((KEY, key), (SECRET, secret)):
        if not value:
            raise SetupError(f"{name} is not set, but {ADDRESS} is: S3 takes both key and secret.")
    secure = env.get(SECURE, "").strip().lower() or "true"
    if secure not in ("true", "false"):
        raise SetupError(f"{SECURE} must be true or false, not {secure!r}.")
    bucket = env.get(BUCKET, "").strip() or "treadle"
    who = f"{quote(key, safe='')}:{quote(secret, safe='')}"
    return f"s3://{who}@{address}/{quote(bucket, safe='')}?secure={secure}"
