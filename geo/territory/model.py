"""What the territory is made of, as frozen values."""

from dataclasses import dataclass
from datetime import date, datetime

from geo.crs import METRIC_CRS


@dataclass(frozen=True)
class Edition:
    """A published state of the territory; nothing follows from it until it took effect."""

    id: int
    title: str
    valid_from: date
    published_at: datetime
    synthetic: bool
    attribution: str
    note: str | None
    measuring_crs: str = METRIC_CRS
    took_effect_at: datetime | None = None


@dataclass(frozen=True)
class EditionInfo:
    """What an edition that is to be published is called, from when it holds and who drew it.

    Parameters
    ----------
    title, attribution : str
        Shown with every map of the edition.
    valid_from : date
        First day on which the territory is so.
    synthetic : bool
        Whether the boundaries are made up.
    note : str, optional
    measuring_crs : str, optional
        In which the site is to be measured, as "EPSG:4545". Without it, or where an edition was
        published before, what that has; for the first, what follows from where the grids lie.
    """

    title: str
    valid_from: date
    synthetic: bool
    attribution: str
    note: str | None = None
    measuring_crs: str | None = None
