"""Opens everybody's pipes: orders, answers, what the zygote and the runner tell each other."""

import contextlib
import os

import evil

OPENED = evil.open_all(b"") + evil.open_all(evil.FRAMES)
for descriptor in (0, 1, 2, *range(5, 64)):
    with contextlib.suppress(OSError):
        os.write(descriptor, evil.FRAMES)
evil.ROOT.extend(OPENED)
