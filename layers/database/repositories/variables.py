"""Variables."""

from __future__ import annotations

from layers.database.models import Variable
from layers.database.repositories.scope import Scoped


class Variables(Scoped[Variable]):
    """The variables of a workspace."""

    model = Variable

    def named(self, name: str) -> Variable | None:
        """The variable with this name, if there is one."""
        return self.session.scalars(self.query().where(Variable.name == name)).one_or_none()
