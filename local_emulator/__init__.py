"""Everything on one machine: the command line, and the supervisor behind ``treadle up``."""
