"""What the territory is made of, as frozen values."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Edition:
    """A published state of the territory."""

    id: int
    title: str
    valid_from: date
    published_at: datetime
    synthetic: bool
    attribution: str
    note: str | None
