"""One execution under one lease: the loop between the pure core and the world."""
