"""Stand-ins for systems of others, for a laptop and for tests: they speak HTTP as those do."""
