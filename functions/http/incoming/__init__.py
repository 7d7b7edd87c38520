"""What comes in over HTTP at the public addresses: bytes and headers made into a body and files."""

from functions.http.incoming.arrival import arrive
from functions.http.incoming.body import Body, Received, read_body
from functions.http.incoming.spooled import Content, Spooled
from functions.http.incoming.uploads import Upload, keep_uploads

__all__ = [
    "Body",
    "Content",
    "Received",
    "Spooled",
    "Upload",
    "arrive",
    "keep_uploads",
    "read_body",
]
