"""What can be wrong with packages, told apart by who can cure it."""

from __future__ import annotations


class Refused(Exception):
    """The requirements ask for something that is not allowed here; the text says what."""


class Unresolvable(Exception):
    """No set of versions fulfils the requirements; the text is the resolver's own."""


class NotInstallable(Exception):
    """The packages were found, but cannot be made into a layer; the text says why."""


class IndexFailed(Exception):
    """The package index or a tool did not do its part; trying again may help."""
