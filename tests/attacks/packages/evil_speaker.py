"""Says early that it has been imported, answers an order itself, and claims what it is not."""

import contextlib
import os
import struct

import evil

SAID = b'V[{"forged": "by its import"}]'
for said in (evil.TIDY, struct.pack("<I", 0xFFFFFFFF), evil.FRAMES):
    with contextlib.suppress(OSError):
        os.write(4, said)
if os.fork() == 0:
    # A copy of the process that waits for its order: it takes that, and answers.
    os.setsid()
    with contextlib.suppress(OSError):
        while os.read(3, 1 << 16):
            os.write(4, struct.pack("<I", len(SAID)) + SAID)
    os._exit(0)
