"""The gazetteer in memory, one an edition and revision; and when an answer is certain enough."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.crs import points
from geo.geocoding import repository
from geo.geocoding.gazetteer import Gazetteer
from geo.geocoding.geocoder import Geocoder
from geo.geocoding.repository import Places
from geo.settings import Settings
from geo.territory import repository as territory
from geo.territory.index import GridIndex
from geo.territory.model import Edition

if TYPE_CHECKING:
    from geo.geocoding.suggest import Suggester

Key = tuple[int, datetime, int, date]


@dataclass(frozen=True)
class Loaded:
    """A gazetteer of one edition, revision and day, ready to read addresses with.

    Parameters
    ----------
    edition : Edition
    revision : int
        Rises with each alias confirmed and each change of places or households.
    places : Places
        The tables it was made of.
    grids : GeoDataFrame
        The level-two grids, see `geo.frames.GRIDS`.
    index : GridIndex
        Of the grids.
    geocoder : Geocoder
    """

    edition: Edition
    revision: int
    places: Places
    grids: gpd.GeoDataFrame
    index: GridIndex
    geocoder: Geocoder

    @cached_property
    def suggester(self) -> "Suggester":
        """Search as you type in the same gazetteer; made when first asked for."""
        from geo.geocoding.suggest import Suggester  # noqa: PLC0415 - files never need it

        return Suggester(self.geocoder.gazetteer)

    @cached_property
    def compounds(self) -> dict[str, dict[str, Any]]:
        """Compounds by external id: `name`, `grid_code`, `longitude`, `latitude`."""
        frame = self.places.compounds.set_index("external_id")
        columns = ["name", "grid_code", "longitude", "latitude"]
        rows = frame[columns].to_dict("index")
        return {str(number): {str(k): v for k, v in row.items()} for number, row in rows.items()}

    @cached_property
    def territory_names(self) -> dict[str, str]:
        """Names of towns and of grids of both levels, by code."""
        parts = [self.places.towns, self.places.communities, self.grids]
        return {
            code: name
            for part in parts
            for code, name in zip(part["code"], part["name"], strict=True)
        }


def load(session: Session, *, settings: Settings, day: date | None = None) -> Loaded:
    """Read and prepare the gazetteer of the latest edition.

    Parameters
    ----------
    session : Session
        One snapshot of it, or what its own transaction has written, is what is read.
    settings : Settings
        `nearest_limit_m` counts here.
    day : date, optional
        Today where not named.

    Returns
    -------
    Loaded

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If no territory is published, or none for the day.
    """
    known = territory.edition(session)
    on = day or today()
    # The revision first: what changes after it is read is found by the next request.
    revision = repository.revision(session)
    limit_m = settings.nearest_limit_m
    places = repository.places(session, edition=known.id, day=on, limit_m=limit_m)
    grids = territory.grids(session, level=2, edition=known.id, at=on)
    return ready(Read(known, revision, places, grids))


@dataclass(frozen=True)
class Read:
    """What was read of a gazetteer: plain tables, which another process can be given.

    Parameters
    ----------
    edition : Edition
    revision : int
    places : Places
    grids : GeoDataFrame
        The level-two grids, see `geo.frames.GRIDS`.
    """

    edition: Edition
    revision: int
    places: Places
    grids: gpd.GeoDataFrame


def ready(read: Read) -> Loaded:
    """Make a gazetteer ready to read addresses with.

    Parameters
    ----------
    read : Read

    Returns
    -------
    Loaded
    """
    return Loaded(
        edition=read.edition,
        revision=read.revision,
        places=read.places,
        grids=read.grids,
        index=GridIndex(read.grids),
        geocoder=Geocoder(_gazetteer(read.places)),
    )


def _gazetteer(places: Places) -> Gazetteer:
    tables = places.tables()
    # A household whose building nobody knows has no number that an address could name.
    homes = places.households
    tables["households"] = homes[homes["building_id"].notna()].reset_index(drop=True)
    return Gazetteer(**tables)


class GeocoderCache:
    """Keeps the current gazetteer; safe to use from many threads.

    It is made anew on the first request after an edition was published, an alias confirmed, a
    place or household changed, or the day turned; whoever asks meanwhile waits for it.

    Parameters
    ----------
    size : int
        How many to keep: requests that began before a change still have theirs.
    """

    def __init__(self, size: int = 2) -> None:
        self._size = size
        self._kept: OrderedDict[Key, Loaded] = OrderedDict()
        self._lock = threading.Lock()

    def holds(self, session: Session) -> bool:
        """Tell whether the gazetteer that the session sees is in memory."""
        key = _key(session)
        with self._lock:
            return key in self._kept

    def get(self, session: Session, *, settings: Settings) -> Loaded:
        """Give the gazetteer as the session sees it.

        Parameters
        ----------
        session : Session
            Must see one snapshot, else a change between two of its queries would be missed.
        settings : Settings

        Returns
        -------
        Loaded

        Raises
        ------
        EditionNotFoundError, DayNotCoveredError
            As `load` does.
        """
        key = _key(session)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = load(session, settings=settings, day=key[-1])
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return self._kept[key]


def _key(session: Session) -> Key:
    known = territory.edition(session)
    return known.id, known.published_at, repository.revision(session), today()


def located(loaded: Loaded, texts: Sequence[str | None], *, settings: Settings) -> pd.DataFrame:
    """Read addresses and say which are certain enough to place a row by.

    Parameters
    ----------
    loaded : Loaded
    texts : sequence of str or None, length n
    settings : Settings
        See `with_acceptance`.

    Returns
    -------
    DataFrame, shape (n,)
        See `with_acceptance`.
    """
    # Without a text the columns are still wanted, with their types.
    found = loaded.geocoder.geocode(texts if len(texts) else [None]).head(len(texts))
    return with_acceptance(found, loaded.index, settings=settings)


def with_acceptance(found: pd.DataFrame, index: GridIndex, *, settings: Settings) -> pd.DataFrame:
    """Say which answers are certain enough to place a row by.

    Certain is an address whose grid has a probability of at least `geocode_accept`, that has a
    point, and whose point lies in that grid: the rule for addresses then never gives another grid
    than the rule for points.

    Parameters
    ----------
    found : DataFrame, shape (n,)
        As `Geocoder.geocode` gives it.
    index : GridIndex
    settings : Settings
        `geocode_accept` and `nearest_limit_m` count here.

    Returns
    -------
    DataFrame, shape (n,)
        `found` with `accepted`, and `match` and `distance_m` of the point to its grid, see
        `GridIndex.locate`.
    """
    x, y = (found[name].to_numpy(dtype=float) for name in ("longitude", "latitude"))
    spots = points(longitude=x, latitude=y, datum="cgcs2000")
    lies = index.locate(spots, limit_m=settings.nearest_limit_m)
    same = lies["grid_code"].to_numpy(dtype=object) == found["grid_code"].to_numpy(dtype=object)
    there = np.asarray(found["grid_code"].notna()) & same
    sure = found["grid_probability"].to_numpy(dtype=float) >= settings.geocode_accept
    return found.assign(
        accepted=sure & there,
        match=lies["match"].to_numpy(dtype=object),
        distance_m=lies["distance_m"].to_numpy(dtype=float),
    )
