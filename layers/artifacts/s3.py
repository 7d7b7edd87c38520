"""Artifacts in an S3 bucket, by nothing but the five calls that every S3 server has."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.handlers import add_expect_header
from botocore.session import get_session

from layers.artifacts.port import (
    ArtifactUnavailable,
    StorageFull,
    digest_of,
    folder_of,
    is_digest,
    key_of,
    missing,
    verified,
)

_ABSENT = frozenset({"NoSuchKey", "NotFound", "404", "NoSuchBucket"})
_FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"})


@dataclass(frozen=True)
class S3Target:
    """Where the bucket is and who may write to it."""

    endpoint: str
    bucket: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    region: str = "us-east-1"


class S3Store:
    """Implements ArtifactStore in one bucket, which the first ``put`` makes if need be."""

    def __init__(self, target: S3Target) -> None:
        self.target = target
        self._opening = threading.Lock()
        self._opened: Any = None

    def put(self, workspace_id: str, content: bytes) -> str:
        """Keep the bytes and return their digest; raises StorageFull or ArtifactUnavailable."""
        digest = digest_of(content)
        key = key_of(workspace_id, digest)
        with self._as_ours():
            try:
                self._put(key, content)
            except ClientError as error:
                if _code(error) != "NoSuchBucket":
                    raise
                self._make_bucket()
                self._put(key, content)
        return digest

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        key = key_of(workspace_id, digest)
        with self._as_ours():
            try:
                found = self._client.get_object(Bucket=self.target.bucket, Key=key)
            except ClientError as error:
                if _code(error) in _ABSENT:
                    raise missing(digest) from error
                raise
            with found["Body"] as body:
                content: bytes = body.read()
        return verified(digest, content)

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact; it is not read."""
        key = key_of(workspace_id, digest)
        with self._as_ours():
            try:
                self._client.head_object(Bucket=self.target.bucket, Key=key)
            except ClientError as error:
                if _code(error) in _ABSENT:
                    return False
                raise
        return True

    def delete(self, workspace_id: str, digest: str, *, put_before: float | None = None) -> None:
        """Take the artifact away, unless it was put since then; none there is no error."""
        place = {"Bucket": self.target.bucket, "Key": key_of(workspace_id, digest)}
        with self._as_ours():
            try:
                if put_before is not None:
                    found = self._client.head_object(**place)
                    if found["LastModified"].timestamp() >= put_before:
                        return
                self._client.delete_object(**place)
            except ClientError as error:
                if _code(error) not in _ABSENT:
                    raise

    def size(self, workspace_id: str) -> int:
        """How many bytes the workspace keeps; raises ArtifactUnavailable."""
        pages = self._client.get_paginator("list_objects_v2")
        total = 0
        with self._as_ours():
            try:
                for page in pages.paginate(
                    Bucket=self.target.bucket, Prefix=folder_of(workspace_id)
                ):
                    total += sum(one["Size"] for one in page.get("Contents", ()))
            except ClientError as error:
                if _code(error) not in _ABSENT:
                    raise
        return total

    def put_before(self, workspace_id: str, moment: float) -> Iterator[str]:
        """The digests of what nobody has put since; raises ArtifactUnavailable."""
        folder = folder_of(workspace_id)
        pages = self._client.get_paginator("list_objects_v2")
        with self._as_ours():
            try:
                for page in pages.paginate(Bucket=self.target.bucket, Prefix=folder):
                    for one in page.get("Contents", ()):
                        digest = one["Key"].removeprefix(folder)
                        if is_digest(digest) and one["LastModified"].timestamp() < moment:
                            yield digest
            except ClientError as error:
                if _code(error) not in _ABSENT:
                    raise

    def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _make_bucket(self) -> None:
        region = self.target.region
        place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self._client.create_bucket(
                Bucket=self.target.bucket, **({} if region == "us-east-1" else place)
            )
        except ClientError as error:
            # Another thread or process was quicker.
            if _code(error) not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise

    def _put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self.target.bucket, Key=key, Body=content)

    @property
    def _client(self) -> Any:
        with self._opening:
            if self._opened is None:
                self._opened = _connect(self.target)
            return self._opened

    @contextmanager
    def _as_ours(self) -> Iterator[None]:
        """Turn the library's errors into ours, which hold neither key nor endpoint."""
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if code in _FULL:
                raise StorageFull from error
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise ArtifactUnavailable(
                f"Artifact unavailable: bucket '{self.target.bucket}' answered {code}.",
                retryable=status >= 500 or status == 429,
            ) from error
        except (BotoCoreError, HTTPClientError, OSError) as error:
            raise ArtifactUnavailable(
                f"Artifact unavailable: the store of bucket '{self.target.bucket}' cannot be "
                f"reached ({type(error).__name__}).",
                retryable=True,
            ) from error


def _connect(target: S3Target) -> Any:
    client = get_session().create_client(
        "s3",
        endpoint_url=target.endpoint,
        region_name=target.region,
        aws_access_key_id=target.key,
        aws_secret_access_key=target.secret,
        config=Config(
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "total_max_attempts": 3},
            max_pool_connections=32,
            proxies={},
            # Other servers than Amazon's know neither host names for buckets nor its checksums.
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    # After "Expect: 100-continue" and an early refusal the library keeps a connection on which
    # the server still waits for the body, and the next request is lost in it.
    client.meta.events.unregister("before-call.s3", add_expect_header)
    return client


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
