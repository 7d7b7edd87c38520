"""Leaves processes of sessions of their own, which go on with the worst."""

import evil

evil.survive(seconds=600)
