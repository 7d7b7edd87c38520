"""The sandbox runner alone, measured at its own socket."""
