"""A new edition with all that follows from it: the one way for whoever publishes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import geopandas as gpd
import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage.hiding import HiddenChanges
from geo.incidents import decisions
from geo.incidents.rerouting import Done
from geo.people import homes
from geo.people.succession import find_succession
from geo.routing.succession import find_rules
from geo.settings import Settings
from geo.territory import lineage, publish
from geo.territory import service as boundaries
from geo.territory.index import GridIndex
from geo.territory.model import EditionInfo
from geo.territory.publish import Written
from geo.territory.registers import Registers
from geo.territory.service import Boundaries, Divided, silent
from geo.workflows.take_effect import Moved, move_in, take_due, take_effect


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
    succession : DataFrame
        What hung on grids that are gone, and where it goes on, see `geo.people.succession`.
    rules : DataFrame
        Rules of such grids, and the grids that they go on for, see
        `geo.routing.succession.find_rules`.
    lineage : DataFrame
        Which ground goes from code to code, and with it how many households and people, see
        `geo.territory.lineage.read_lineage`.
    """

    grids: pd.DataFrame
    households: pd.DataFrame
    incidents: pd.DataFrame
    pairings: pd.DataFrame
    succession: pd.DataFrame
    rules: pd.DataFrame
    lineage: pd.DataFrame


@dataclass(frozen=True)
class Published:
    """An edition, and what is another for it, row by row.

    Parameters
    ----------
    edition : int
        Its number.
    valid_from : date
        Its first day.
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
    in_force : bool
        Whether it answers already. Else `moves` are what is to be expected on its day, and
        nothing is routed or hidden yet.
    repeated : dict of int to int
        See `geo.territory.publish.Written`.
    """

    edition: int
    valid_from: date
    grids: gpd.GeoDataFrame
    moves: Moves
    rerouted: pd.DataFrame
    hiding: HiddenChanges
    divided: Divided | None
    in_force: bool = True
    repeated: dict[int, int] = field(default_factory=dict)


def publish_edition(
    session: Session,
    given: Boundaries | gpd.GeoDataFrame,
    *,
    info: EditionInfo,
    settings: Settings,
    say: Callable[[str, str], None] = silent,
) -> Published:
    """Publish boundaries, or grids, as the next edition.

    One that holds from today on, or from a past day, takes effect at once, see `take_effect`; one
    for a day to come does so when the day is turned, and until then nothing is another. Nothing
    is committed here.

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
    take_due(session, settings=settings, say=say)
    divided, beside = None, None
    if isinstance(given, Boundaries):
        divided = boundaries.divide_into_grids(session, given, on=info.valid_from, say=say)
        say("写入数据库", "Writing the edition")
        beside = Registers(given.divisions, divided.communities, divided.compounds)
    grids = given if divided is None else divided.grids
    if info.valid_from > today():
        written, moves = _plan(session, grids, info, beside, limit_m=settings.nearest_limit_m)
        rerouted, hiding = Done().rows, HiddenChanges([], [], [])
    else:
        written = publish.publish(session, grids, info=info)
        effect = take_effect(session, written.edition, settings=settings, given=beside, say=say)
        moves = _moves(session, written, info, effect.moved)
        rerouted, hiding = effect.rerouted, effect.hiding
    return Published(
        written.edition,
        info.valid_from,
        grids,
        moves,
        rerouted,
        hiding,
        divided,
        in_force=info.valid_from <= today(),
        repeated=written.repeated,
    )


def write_edition(
    session: Session, grids: gpd.GeoDataFrame, *, info: EditionInfo, limit_m: float
) -> tuple[int, Moves]:
    """Write an edition and, unless it is for a day to come, let what lies in it move in.

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
    NotACoverageError, HouseholdsLostError
        If the grids, the day or the households do not allow it.
    """
    if info.valid_from > today():
        written, moves = _plan(session, grids, info, None, limit_m=limit_m)
        return written.edition, moves
    written = publish.publish(session, grids, info=info)
    moved = move_in(session, written.edition, limit_m=limit_m)
    return written.edition, _moves(session, written, info, moved)


def _plan(
    session: Session,
    grids: gpd.GeoDataFrame,
    info: EditionInfo,
    beside: Registers | None,
    *,
    limit_m: float,
) -> tuple[Written, Moves]:
    """Write an edition for a day to come, and look at what it would move if that day were today."""
    planned = None if beside is None else beside.to_json()
    written = publish.publish(session, grids, info=info, planned=planned)
    index = GridIndex(grids[grids["level"] == 2])  # noqa: PLR2004 - the level's number
    households = homes.find_rehomed(session, index, limit_m=limit_m)
    lineage.count_lineage(session, written.edition, households)
    moved = Moved(
        households,
        decisions.find_rehomed(session, index, limit_m=limit_m),
        find_succession(session, written.edition, on=info.valid_from),
        find_rules(session, written.edition, on=info.valid_from),
    )
    return written, _moves(session, written, info, moved)


def _moves(session: Session, written: Written, info: EditionInfo, moved: Moved) -> Moves:
    """Put beside the rows that move what hangs on them."""
    households = moved.households
    way = households.set_index("external_id")[["from_grid", "to_grid"]]
    pairings = homes.pairings_of(session, households["id"].tolist(), on=info.valid_from)
    return Moves(
        grids=written.changes,
        households=households,
        incidents=moved.incidents,
        pairings=pairings.join(way, on="household"),
        succession=moved.succession,
        rules=moved.rules,
        lineage=lineage.read_lineage(session, edition=written.edition),
    )
