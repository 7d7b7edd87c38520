"""Hooks itself into every part of the interpreter. Contained: neither parent nor next run has it."""

import asyncio
import atexit
import builtins
import codecs
import gc
import os
import sys
import threading
import warnings
import weakref

EXPECT = {"ok", "user_error"}


class Hook:
    """Whatever is asked of it, it fails, and it claims to find every module."""

    def find_spec(self, *_):
        os._exit(7)

    def __call__(self, *_, **__):
        return 42


def run(items):
    hook = Hook()
    sys.poisoned = os.poisoned = True
    sys.meta_path.insert(0, hook)
    sys.path_hooks.insert(0, hook)
    sys.path.insert(0, "/tmp")
    sys.modules.update(json=hook, io=hook, select=hook)
    gc.callbacks.append(hook)
    atexit.register(os._exit, 7)
    threading.excepthook = sys.excepthook = sys.unraisablehook = sys.displayhook = hook
    threading.settrace(hook)
    codecs.register(lambda name: hook)
    warnings.showwarning = hook
    asyncio.set_event_loop_policy(None)
    weakref.finalize(hook, os._exit, 7)
    sys.setrecursionlimit(80)
    sys.setswitchinterval(100)
    sys.set_int_max_str_digits(640)
    sys.addaudithook(lambda name, _: os._exit(7) if name == "exec" else None)
    sys.setprofile(hook)
    sys.settrace(hook)
    for name in ("__build_class__", "__import__", "open", "print", "isinstance", "len", "compile"):
        setattr(builtins, name, hook)
    return [{"escaped": False}]
