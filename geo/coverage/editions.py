"""A new edition with all that follows from it: the one way for whoever publishes.

Open incidents are re-routed, and what the figures of two editions together would tell of households
is found and hidden, in the transaction of the edition itself. Whoever has boundary files takes
`load`, whoever has grids takes `publish`; nothing else may call those of `geo.territory`
(`tests/geo/coverage/test_editions.py`).
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage import service
from geo.incidents.rerouting import reroute
from geo.settings import Settings
from geo.territory import publish as territory
from geo.territory import service as boundaries
from geo.territory.service import Called, Loaded, silent


def load(
    session: Session,
    communities: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame,
    *,
    called: Called,
    settings: Settings,
    divisions: pd.DataFrame | None = None,
    mend_gaps_m: float | None = None,
    say: Callable[[str, str], None] = silent,
) -> Loaded:
    """Publish communities and compound footprints as the next edition.

    Nothing is committed here.

    Parameters
    ----------
    session : Session
    communities, compounds, called, divisions, mend_gaps_m, say
        See `geo.territory.service.load`.
    settings : Settings
        `nearest_limit_m`, and what `geo.coverage.service.follow` takes from it.

    Returns
    -------
    Loaded
        `counts` with `rerouted`: incidents that somebody else answers for now.

    Raises
    ------
    BannerGridError
        See `geo.territory.service.load`; nothing has been written then.
    """
    done = boundaries.load(
        session,
        communities,
        compounds,
        called=called,
        divisions=divisions,
        mend_gaps_m=mend_gaps_m,
        limit_m=settings.nearest_limit_m,
        say=say,
    )
    return replace(done, counts=done.counts | _settled(session, settings))


def publish(
    session: Session, grids: gpd.GeoDataFrame, *, settings: Settings, **called: Any
) -> tuple[int, dict[str, int]]:
    """Publish level-two grids and their communities as the next edition.

    Nothing is committed here.

    Parameters
    ----------
    session : Session
    grids : GeoDataFrame
        See `geo.territory.publish.publish`.
    settings : Settings
        As for `load`.
    **called
        `title`, `valid_from`, `synthetic`, `attribution`, `note`: see there.

    Returns
    -------
    int
        Number of the edition.
    dict
        As there, and `rerouted`.

    Raises
    ------
    NotACoverageError, EarlierEditionError, HouseholdsLostError
        See there; nothing has been written then.
    """
    number, counts = territory.publish(session, grids, limit_m=settings.nearest_limit_m, **called)
    return number, counts | _settled(session, settings)


def _settled(session: Session, settings: Settings) -> dict[str, int]:
    routed = reroute(session, "edition", nearest_limit_m=settings.nearest_limit_m)
    service.follow(session, "territory", settings=settings)
    return {"rerouted": routed.rerouted}
