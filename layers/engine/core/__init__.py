"""The pure part: what an execution is, and what comes next. No input, no output."""
