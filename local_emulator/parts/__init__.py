"""The parts as processes of their own: ``python -m local_emulator.parts.gateway`` and so on."""
