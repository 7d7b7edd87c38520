"""``treadle up --reload``: seeing what changed in our packages, and whom that concerns."""
