"""What is known about modules: which cannot work in a sandbox, and who brings which."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

USELESS = {
    "curses": "there is no terminal",
    "readline": "there is no terminal",
    "tty": "there is no terminal",
    "pty": "there is no terminal",
    "termios": "there is no terminal",
    "getpass": "nobody is there to type",
    "tkinter": "there is no screen",
    "turtle": "there is no screen",
    "turtledemo": "there is no screen",
    "idlelib": "there is no screen",
    "webbrowser": "there is no screen",
    "ossaudiodev": "there is no sound device",
    "winsound": "there is no sound device",
    "winreg": "it exists on Windows only",
    "msvcrt": "it exists on Windows only",
    "ensurepip": "packages are named in the step's requirements",
    "venv": "packages are named in the step's requirements",
    "syslog": "there is no system log; print instead",
    "spwd": "there are no other users",
    "nis": "there are no other users",
}
"""Modules of the standard library that a step can do nothing with, and why."""

REPLACED = {
    "imp": "It is gone in Python 3.12; use importlib.",
    "distutils": "It is gone in Python 3.12; use packaging or sysconfig.",
    "asynchat": "It is gone in Python 3.12; use asyncio.",
    "asyncore": "It is gone in Python 3.12; use asyncio.",
    "smtpd": "It is gone in Python 3.12; use the package aiosmtpd.",
    "cgi": "It is gone in Python 3.13; use urllib.parse or email.message.",
    "cgitb": "It is gone in Python 3.13; use traceback.",
    "crypt": "It is gone in Python 3.13; use hashlib.scrypt.",
    "pipes": "It is gone in Python 3.13; use shlex and subprocess.",
    "telnetlib": "It is gone in Python 3.13.",
    "uu": "It is gone in Python 3.13; use base64.",
    "xdrlib": "It is gone in Python 3.13; use struct.",
    "imghdr": "It is gone in Python 3.13; use the package filetype.",
    "sndhdr": "It is gone in Python 3.13; use the package filetype.",
    "nntplib": "It is gone in Python 3.13.",
    "lib2to3": "It is gone in Python 3.13; use ast.",
    "audioop": "It is gone in Python 3.13.",
}
"""Modules that newer Pythons lack."""

_BROUGHT_BY = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cairosvg": "cairosvg",
    "crypto": "pycryptodome",
    "cv2": "opencv-python opencv-python-headless",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google": "google-cloud google-auth google-api-python-client protobuf",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "magic": "python-magic",
    "markdown": "markdown",
    "multipart": "python-multipart",
    "mysqldb": "mysqlclient",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "pptx": "python-pptx",
    "psycopg": "psycopg",
    "psycopg2": "psycopg2 psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "socks": "pysocks",
    "usb": "pyusb",
    "wx": "wxpython",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def is_standard(module: str) -> bool:
    """Say whether Python brings the module itself."""
    return module in sys.stdlib_module_names or module in ("__future__", "__main__", "step")


def normalized(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def named_in(requirements: Iterable[str]) -> frozenset[str]:
    """The normalised distribution names that requirements begin with."""
    found = (_NAME.match(line.strip()) for line in requirements)
    return frozenset(normalized(one.group()) for one in found if one is not None)


def brought_by(module: str) -> list[str]:
    """The distributions that are known, or by their name expected, to bring a module."""
    known = _BROUGHT_BY.get(module.lower(), "").split()
    return known or [normalized(module)]


def is_known(module: str) -> bool:
    """Say whether it is known, and not only guessed by the name, who brings a module."""
    return module.lower() in _BROUGHT_BY


def is_covered(module: str, distributions: frozenset[str]) -> bool:
    """Say whether one of the distributions can be expected to bring the module."""
    own = normalized(module)
    expected = {*brought_by(module), own, f"python-{own}", f"py{own}"}
    return any(
        name in expected or name.startswith(tuple(f"{one}-" for one in expected))
        for name in distributions
    )
