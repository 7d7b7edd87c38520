"""The node ``ai_chat`` and the language models behind it."""
