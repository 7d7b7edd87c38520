"""Functions of libc, without the package ctypes, which every job process would carry along."""

from __future__ import annotations

import _ctypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# The program itself: libc and the interpreter are in it.
_LIBRARY = _ctypes.dlopen(None, 0)  # type: ignore[arg-type]


class _Long(_ctypes._SimpleCData):  # type: ignore[type-arg]
    _type_ = "l"


class _Byte(_ctypes._SimpleCData):  # type: ignore[type-arg]
    _type_ = "c"


class _Function(_ctypes.CFuncPtr):
    # It keeps the interpreter's lock, and the error number apart from anybody else's.
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = _Long


def address_of(name: str) -> int:
    """Where a function of libc or of the interpreter is."""
    return int(_ctypes.dlsym(_LIBRARY, name))


def address_in(memory: Any) -> int:
    """Where a writable buffer's bytes are."""
    return int(_ctypes.addressof(_Byte.from_buffer(memory)))


def function(address: int) -> Callable[..., int]:
    """Make a function at an address callable with numbers and bytes; it returns a number."""
    found = _Function(address)

    def run(*arguments: int | bytes) -> int:
        return int(found(*(_Long(a) if isinstance(a, int) else a for a in arguments)))

    return run


def call(name: str, *arguments: int | bytes) -> None:
    """Call a function that returns 0 on success; raises OSError."""
    if function(address_of(name))(*arguments) & 0xFFFFFFFF:
        raise OSError(_ctypes.get_errno(), name)
