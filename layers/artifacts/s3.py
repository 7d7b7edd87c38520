"""Artifacts in an S3 bucket, by nothing but the calls that every S3 server has."""

from __future__ import annotations

import io
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import IO, BinaryIO, cast
from urllib.parse import urlsplit

from minio import Minio
from minio.datatypes import Object
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from layers.artifacts.port import (
    ArtifactUnavailable,
    StorageFull,
    digest_of,
    folder_of,
    is_digest,
    key_of,
    missing,
    of_length,
    verified,
)
from layers.artifacts.s3_writer import S3Writer

_ABSENT = frozenset({"NoSuchKey", "NotFound", "404", "NoSuchBucket"})
_FULL = frozenset({"QuotaExceeded", "XMinioStorageFull", "InsufficientStorage"})
_LEAST_PART_BYTES = 5 * 1024 * 1024
"""The least that the library takes for the size of a part."""
_PART_BYTES = 8 * 1024 * 1024
"""So much of a file is in memory at a time; S3 takes 10,000 parts."""
_CONNECT_S, _READ_S = 5.0, 30.0
_TRIES_MORE = 2
_PAUSE_S = 0.2
_WORTH_ANOTHER = (429, 500, 502, 503, 504)
_CONNECTIONS = 32


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
        self._pool: PoolManager | None = None
        self._opened: Minio | None = None

    def put(self, workspace_id: str, content: bytes) -> str:
        """Keep the bytes and return their digest; raises StorageFull or ArtifactUnavailable."""
        digest = digest_of(content)
        # In one part, whatever the size: so it is one request.
        self._upload(key_of(workspace_id, digest), io.BytesIO(content), len(content), len(content))
        return digest

    def create(self, workspace_id: str) -> S3Writer:
        """Begin an artifact; nothing is asked of the server before it is whole."""
        folder_of(workspace_id)
        return S3Writer(partial(self._put_file, workspace_id))

    def _put_file(self, workspace_id: str, digest: str, file: IO[bytes], size: int) -> None:
        self._upload(key_of(workspace_id, digest), file, size, _PART_BYTES)

    def length(self, workspace_id: str, digest: str) -> int:
        """How many bytes the artifact has; raises ArtifactUnavailable."""
        key = key_of(workspace_id, digest)
        with self._as_ours():
            found = self._stat(key)
        if found is None:
            raise missing(digest)
        return found.size or 0

    def get(self, workspace_id: str, digest: str) -> bytes:
        """Return the bytes, checked against the digest; raises ArtifactUnavailable."""
        return verified(digest, self._get(workspace_id, digest))

    def part(self, workspace_id: str, digest: str, start: int, length: int) -> bytes:
        """Return some of the bytes; raises ArtifactUnavailable."""
        content = self._get(workspace_id, digest, start, length) if length else b""
        return of_length(digest, content, length)

    def _get(self, workspace_id: str, digest: str, start: int = 0, length: int = 0) -> bytes:
        """The bytes from ``start``; all that follow if ``length`` is 0."""
        key = key_of(workspace_id, digest)
        with self._as_ours():
            try:
                found = self._client.get_object(self.target.bucket, key, start, length)
            except S3Error as error:
                if error.code in _ABSENT:
                    raise missing(digest) from error
                raise
            try:
                content: bytes = found.read()
            finally:
                found.close()
                found.release_conn()
        return content

    def exists(self, workspace_id: str, digest: str) -> bool:
        """Say whether the workspace has that artifact; it is not read."""
        key = key_of(workspace_id, digest)
        with self._as_ours():
            return self._stat(key) is not None

    def delete(self, workspace_id: str, digest: str, *, put_before: float | None = None) -> None:
        """Take the artifact away, unless it was put since then; none there is no error."""
        key = key_of(workspace_id, digest)
        with self._as_ours():
            if put_before is not None:
                found = self._stat(key)
                if found is None or not _is_older(found, put_before):
                    return
            try:
                self._client.remove_object(self.target.bucket, key)
            except S3Error as error:
                if error.code not in _ABSENT:
                    raise

    def size(self, workspace_id: str) -> int:
        """How many bytes the workspace keeps; raises ArtifactUnavailable."""
        return sum(one.size or 0 for one in self._list(folder_of(workspace_id)))

    def put_before(self, workspace_id: str, moment: float) -> Iterator[str]:
        """The digests of what nobody has put since; raises ArtifactUnavailable."""
        folder = folder_of(workspace_id)
        for one in self._list(folder):
            digest = (one.object_name or "").removeprefix(folder)
            if is_digest(digest) and _is_older(one, moment):
                yield digest

    def discard_unfinished(self, workspace_id: str, before: float) -> None:
        """Take away the parts of uploads that nobody ended, which S3 keeps and counts."""
        folder = folder_of(workspace_id)
        bucket = self.target.bucket
        with self._as_ours():
            try:
                # The library has no public call for either.
                found = self._client._list_multipart_uploads(bucket, prefix=folder)
                for one in found.uploads:
                    begun = one.initiated_time
                    # Not every server goes by the prefix.
                    is_ours = one.object_name.startswith(folder)
                    if is_ours and one.upload_id and begun and begun.timestamp() < before:
                        self._client._abort_multipart_upload(bucket, one.object_name, one.upload_id)
            except S3Error as error:
                if error.code not in _ABSENT:
                    raise

    def close(self) -> None:
        """Close the connections."""
        with self._opening:
            if self._pool is not None:
                self._pool.clear()
            self._pool = self._opened = None

    def _make_bucket(self) -> None:
        try:
            self._client.make_bucket(self.target.bucket, self.target.region)
        except S3Error as error:
            # Another thread or process was quicker.
            if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise

    def _upload(self, key: str, file: IO[bytes], size: int, part_size: int) -> None:
        with self._as_ours():
            try:
                self._put(key, file, size, part_size)
            except S3Error as error:
                if error.code != "NoSuchBucket":
                    raise
                self._make_bucket()
                file.seek(0)
                self._put(key, file, size, part_size)

    def _put(self, key: str, file: IO[bytes], size: int, part_size: int) -> None:
        # One part after another: with several at once the library leaves threads behind where
        # one fails. What fails is taken back by it, so that no parts stay.
        self._client.put_object(
            self.target.bucket,
            key,
            cast("BinaryIO", file),
            size,
            part_size=max(part_size, _LEAST_PART_BYTES),
            num_parallel_uploads=1,
        )

    def _stat(self, key: str) -> Object | None:
        try:
            return self._client.stat_object(self.target.bucket, key)
        except S3Error as error:
            if error.code in _ABSENT:
                return None
            raise

    def _list(self, folder: str) -> Iterator[Object]:
        with self._as_ours():
            try:
                yield from self._client.list_objects(
                    self.target.bucket, prefix=folder, recursive=True
                )
            except S3Error as error:
                if error.code not in _ABSENT:
                    raise

    @property
    def _client(self) -> Minio:
        with self._opening:
            if self._opened is None:
                self._pool = _pool()
                self._opened = _connect(self.target, self._pool)
            return self._opened

    @contextmanager
    def _as_ours(self) -> Iterator[None]:
        """Turn the library's errors into ours, which hold neither key nor endpoint."""
        try:
            yield
        except MinioException as error:
            code, status = _answer(error)
            if code in _FULL:
                raise StorageFull from error
            raise ArtifactUnavailable(
                f"Artifact unavailable: bucket '{self.target.bucket}' answered {code}.",
                retryable=status >= 500 or status == 429,
            ) from error
        except (HTTPError, OSError) as error:
            raise ArtifactUnavailable(
                f"Artifact unavailable: the store of bucket '{self.target.bucket}' cannot be "
                f"reached ({type(error).__name__}).",
                retryable=True,
            ) from error
        except ValueError as error:
            # What the library refuses before it asks, or an answer that is no XML.
            raise ArtifactUnavailable(
                f"Artifact unavailable: bucket '{self.target.bucket}' cannot be used ({error})."
            ) from error


def _pool() -> PoolManager:
    return PoolManager(
        maxsize=_CONNECTIONS,
        timeout=Timeout(connect=_CONNECT_S, read=_READ_S),
        retries=Retry(
            total=_TRIES_MORE,
            backoff_factor=_PAUSE_S,
            status_forcelist=_WORTH_ANOTHER,
            # The last answer says more than that there were too many.
            raise_on_status=False,
            redirect=False,
        ),
        ssl_context=ssl.create_default_context(),
    )


def _connect(target: S3Target, pool: PoolManager) -> Minio:
    parts = urlsplit(target.endpoint)
    # A region that is given is not asked for first. Buckets stand in the path, unless the server
    # is Amazon's.
    return Minio(
        parts.netloc,
        access_key=target.key,
        secret_key=target.secret,
        secure=parts.scheme == "https",
        region=target.region,
        http_client=pool,
    )


def _is_older(found: Object, moment: float) -> bool:
    return found.last_modified is not None and found.last_modified.timestamp() < moment


def _answer(error: MinioException) -> tuple[str, int]:
    """The server's code for what went wrong, and the status of its answer."""
    if isinstance(error, S3Error):
        return error.code or "an error without a code", error.response.status
    if isinstance(error, ServerError):
        return f"status {error.status_code}", error.status_code
    if isinstance(error, InvalidResponseError):
        # There is no other way to the status.
        status: int = getattr(error, "_code", 0)
        return f"status {status}", status
    return "an error", 0
