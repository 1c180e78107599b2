"""The measures that places are coloured by, as `measures.toml` has them: a row each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from geo.errors import Language

FILE = Path(__file__).with_name("measures.toml")

_BOUNDS: dict[Language, tuple[str, str]] = {
    "zh": ("{name} 95% 区间下限", "{name} 95% 区间上限"),
    "en": (
        "Lower bound of the 95% interval of {name}",
        "Upper bound of the 95% interval of {name}",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One row, see the head of `measures.toml`."""

    name: str
    whole: str
    part: str | None = None
    per: int = 1
    least: int = 1
    interval: Literal["share", "count", "drawn"] | None = None
    base: str | None = None
    after: str | None = None
    zh: str
    en: str
    called: str = ""
    unit: Mapping[Language, str] | None = None
    example: tuple[float, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns in a table of figures: the value, and the ends of its interval."""
        ends = (f"{self.name}_low", f"{self.name}_high") if self.interval else ()
        return (self.name, *ends)

    def meanings(self, language: Language) -> dict[str, str]:
        """Say what each of its columns means."""
        called = self.called if language == "zh" else self.name
        texts = (self.zh if language == "zh" else self.en, *_BOUNDS[language])
        pairs = zip(self.columns, texts, strict=False)
        return {column: text.format(name=called) for column, text in pairs}


def _read() -> dict[str, Measure]:
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: Measure(name=name, **row | {"example": tuple(row["example"])})
        for name, row in rows.items()
    }


MEASURES = _read()
