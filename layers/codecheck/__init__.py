"""Reads a step's Python code without running any of it and says what is wrong with it."""

from layers.codecheck.checking import check
from layers.codecheck.diagnostic import Diagnostic, Severity

__all__ = ["Diagnostic", "Severity", "check"]
