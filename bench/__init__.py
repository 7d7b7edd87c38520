"""How fast Treadle is on this machine, beside what the machine can do at all: ``make bench``."""
