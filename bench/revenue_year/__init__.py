"""A year of an instance that sells plans, simulated: see docs/analysis/phase-10.md."""
