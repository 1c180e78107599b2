"""A new edition with all that follows from it: the one way for whoever publishes."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage.hiding import HiddenChanges, compare_hidden, sentences
from geo.coverage.privacy import hidden_codes, note_superseded
from geo.coverage.service import refresh_after_load
from geo.incidents import decisions
from geo.incidents.rerouting import reroute
from geo.people import homes
from geo.settings import Settings
from geo.territory import publish, registers
from geo.territory import service as boundaries
from geo.territory.index import GridIndex
from geo.territory.model import EditionInfo
from geo.territory.service import Boundaries, Divided, silent


@dataclass(frozen=True)
class Moves:
    """Which rows of an edition's grids, and of what lies in them, are others now.

    Parameters
    ----------
    grids : DataFrame
        `code`, `change`: "new", "changed", "gone" or "unchanged".
    households, incidents : DataFrame
        `id`, `external_id`, `from_grid`, `to_grid`, `match`, `distance_m` of those whose grid is
        another.
    pairings : DataFrame
        `household`, `cadre`, `from_grid`, `to_grid` of those households, as they hold on the
        edition's first day.
    posts : DataFrame
        `term`, `grid_code`, `role`, `seat` of the posts held on that day in grids that are gone.
        Nobody moves them.
    """

    grids: pd.DataFrame
    households: pd.DataFrame
    incidents: pd.DataFrame
    pairings: pd.DataFrame
    posts: pd.DataFrame


@dataclass(frozen=True)
class Published:
    """An edition, and what is another for it, row by row.

    Parameters
    ----------
    edition : int
        Its number.
    grids : GeoDataFrame
        Both levels, as published.
    moves : Moves
    rerouted : DataFrame
        `external_id`, `from_grid`, `to_grid`, `from_department`, `to_department` of the incidents
        whose decision is another for it.
    hiding : HiddenChanges
        Places that show no figures any more, or do so again.
    divided : Divided, optional
        How the grids came about, where they were divided.
    """

    edition: int
    grids: gpd.GeoDataFrame
    moves: Moves
    rerouted: pd.DataFrame
    hiding: HiddenChanges
    divided: Divided | None


def publish_edition(
    session: Session,
    given: Boundaries | gpd.GeoDataFrame,
    *,
    info: EditionInfo,
    settings: Settings,
    say: Callable[[str, str], None] = silent,
) -> Published:
    """Publish boundaries, or grids, as the next edition.

    Households and incidents lie in its grids, open incidents are routed anew, and what the figures
    of two editions together would tell of households is found and hidden. Nothing is committed
    here.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    given : Boundaries or GeoDataFrame
        Boundaries to be divided, or grids of both levels, see `geo.territory.publish.publish`.
    info : EditionInfo
    settings : Settings
        `nearest_limit_m`, and what `geo.coverage.service.refresh_after_load` takes from it.
    say : callable, optional
        Told each step, and what is hidden, in Chinese and English.

    Returns
    -------
    Published

    Raises
    ------
    BannerGridError
        See `geo.territory.service.divide_into_grids` and `write_edition`; nothing has been written
        then.
    """
    least = settings.min_households
    before = hidden_codes(session, min_households=least)
    divided = None
    if isinstance(given, Boundaries):
        divided = boundaries.divide_into_grids(session, given, say=say)
        say("写入数据库", "Writing the edition")
        if given.divisions is not None:
            registers.put_divisions(session, given.divisions)
    grids = given if divided is None else divided.grids
    number, moves = write_edition(session, grids, info=info, limit_m=settings.nearest_limit_m)
    if divided is not None:
        boundaries.store_compounds(session, divided, valid_from=info.valid_from)
    note_superseded(session, before, min_households=least)
    routed = reroute(session, "edition", nearest_limit_m=settings.nearest_limit_m)
    refresh_after_load(session, "territory", settings=settings)
    hiding = compare_hidden(session, before, min_households=least)
    for zh, en in sentences(hiding, min_households=least):
        say(zh, en)
    return Published(number, grids, moves, routed.rows, hiding, divided)


def write_edition(
    session: Session, grids: gpd.GeoDataFrame, *, info: EditionInfo, limit_m: float
) -> tuple[int, Moves]:
    """Write an edition, and let households and incidents lie in its grids.

    The part of `publish_edition` that decides and counts nothing.

    Parameters
    ----------
    session : Session
    grids : GeoDataFrame
        See `geo.territory.publish.publish`.
    info : EditionInfo
    limit_m : float
        How far outside a household may lie from its nearest grid.

    Returns
    -------
    int
        Number of the edition.
    Moves

    Raises
    ------
    NotACoverageError, EarlierEditionError, HouseholdsLostError
        If the grids, the day or the households do not allow it.
    """
    number, changes = publish.publish(session, grids, info=info)
    index = GridIndex(grids[grids["level"] == 2])  # noqa: PLR2004 - the level's number
    households = homes.rehome(session, index, limit_m=limit_m)
    incidents = decisions.rehome(session, index, limit_m=limit_m)
    way = households.set_index("external_id")[["from_grid", "to_grid"]]
    pairings = homes.pairings_of(session, households["id"].tolist(), on=info.valid_from)
    gone = changes.loc[changes["change"] == "gone", "code"].tolist()
    return number, Moves(
        grids=changes,
        households=households,
        incidents=incidents,
        pairings=pairings.join(way, on="household"),
        posts=homes.posts_of(session, gone, on=info.valid_from),
    )
