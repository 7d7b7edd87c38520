"""A mail server whose box can be looked into."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message

from aiosmtpd.smtp import SMTP, Envelope, Session


class Box:
    """What came; while it is full, mail is refused for now."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.is_full = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.is_full:
            return "452 too full"
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"
