"""Ends everything that it can: all processes, its own as the last."""

import os

import evil

evil.survive(seconds=600)
evil.worst_of_all()
os.kill(-1, 9)
os._exit(0)
