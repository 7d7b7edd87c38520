"""What an instance remembers of itself."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from layers.database.models.base import Base


class InstanceFact(Base):
    """A named fact, such as the fingerprint of the key ring."""

    __tablename__ = "instance_facts"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
