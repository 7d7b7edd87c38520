"""Ends nothing that it is in: looks what rights it has, and whose pipes it can open."""

import evil

evil.ROOT.extend(evil.open_all(None))
