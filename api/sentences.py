"""A sentence in Chinese and in English, before it is known which of the two the caller reads."""

from dataclasses import dataclass
from typing import Any

from geo.errors import Language


@dataclass(frozen=True)
class Sentence:
    """The same sentence in both languages."""

    zh: str
    en: str

    def text(self, language: Language) -> str:
        """Give the sentence in `language`."""
        return self.zh if language == "zh" else self.en

    def filled(self, **values: Any) -> "Sentence":
        """Give the sentence with its placeholders filled in both languages."""
        return Sentence(self.zh.format(**values), self.en.format(**values))
