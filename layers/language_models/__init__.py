"""Language models behind OpenAI's chat completions API, which most services speak."""

from layers.language_models.client import LanguageModels

__all__ = ["LanguageModels"]
