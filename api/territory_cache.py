"""The territories that lookups are answered from, in memory: one an edition and day.

A published edition never changes, so an entry is never stale; the oldest give way to new ones.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy.orm import Session

from geo.territory import repository
from geo.territory.index import GridIndex
from geo.territory.model import Edition

Key = tuple[int, datetime, date]


@dataclass(frozen=True)
class Territory:
    """The level-two grids of one day as one edition knows them, ready for lookups.

    Parameters
    ----------
    index : GridIndex
    names : DataFrame
        `name`, `community`, `town`, indexed by level-two code.
    """

    index: GridIndex
    names: pd.DataFrame


class TerritoryCache:
    """Keeps the last few territories; safe to use from many threads.

    Parameters
    ----------
    size : int
        How many to keep.
    """

    def __init__(self, size: int = 8) -> None:
        self._size = size
        self._kept: OrderedDict[Key, Territory] = OrderedDict()
        # Held while building too: a burst of first requests builds an index once, not forty times.
        self._lock = threading.Lock()

    def get(self, session: Session, edition: Edition, day: date) -> Territory:
        """Give the territory of a day as `edition` knows it.

        Raises
        ------
        NotFoundError
            If the edition knows no territory on that day.
        """
        # The moment of publishing tells apart edition 1 of a database restored from edition 1.
        key = (edition.id, edition.published_at, day)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = _build(session, edition, day)
            self._kept.move_to_end(key)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
            return self._kept[key]


def _build(session: Session, edition: Edition, day: date) -> Territory:
    grids = repository.grids(session, level=2, at=day, edition=edition.id)
    names = grids.set_index("code")[["name", "community", "town"]]
    return Territory(index=GridIndex(grids), names=pd.DataFrame(names))
