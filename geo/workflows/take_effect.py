"""An edition takes effect: all that lies in its grids turns with it, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage.hiding import HiddenChanges, compare_hidden, sentences
from geo.coverage.privacy import hidden_codes, note_superseded
from geo.coverage.service import refresh_after_load
from geo.incidents import decisions
from geo.incidents.rerouting import reroute
from geo.people import homes
from geo.people.succession import succeed
from geo.routing.succession import follow_rules
from geo.settings import Settings
from geo.territory import lineage, publish, registers, repository
from geo.territory.live import Territories
from geo.territory.registers import Registers
from geo.territory.service import silent


@dataclass(frozen=True)
class Moved:
    """What lies in other grids for an edition, and what hung on grids that are no more.

    Parameters
    ----------
    households, incidents : DataFrame
        See `geo.territory.rehoming.find_moved`.
    succession : DataFrame
        See `geo.people.succession.find_succession`.
    rules : DataFrame
        See `geo.routing.succession.find_rules`.
    """

    households: pd.DataFrame
    incidents: pd.DataFrame
    succession: pd.DataFrame
    rules: pd.DataFrame


@dataclass(frozen=True)
class Effect:
    """What is another once an edition is in force, row by row.

    Parameters
    ----------
    moved : Moved
    rerouted : DataFrame
        See `geo.incidents.rerouting.Done`.
    hiding : HiddenChanges
        Places that show no figures any more, or do so again.
    """

    moved: Moved
    rerouted: pd.DataFrame
    hiding: HiddenChanges


def take_due(
    session: Session, *, settings: Settings, say: Callable[[str, str], None] = silent
) -> Effect | None:
    """Let the edition that was planned for today, or for a day that nobody turned to, take effect.

    Where several have come due the last counts. Nothing is committed here, and where none has come
    due nothing is written and nobody waited for.

    Returns
    -------
    Effect or None
    """
    if not _due(session):
        return None
    repository.take_edition(session)
    # Another process may have done it meanwhile.
    due = _due(session)
    return take_effect(session, due[-1], settings=settings, say=say) if due else None


def _due(session: Session) -> list[int]:
    return [each.id for each in repository.planned(session) if each.valid_from <= today()]


def take_effect(
    session: Session,
    number: int,
    *,
    settings: Settings,
    given: Registers | None = None,
    say: Callable[[str, str], None] = silent,
) -> Effect:
    """Let an edition take effect with all that follows from it.

    Households and open incidents lie in its grids, posts and rules of grids that are no more go on
    at their successors, open incidents are routed anew, and what the
    figures of two editions together would tell of households is found and hidden. Nothing is
    committed here.

    Parameters
    ----------
    session : Session
        That has taken the edition.
    number : int
    settings : Settings
    given : Registers, optional
        What is written beside the grids; what was kept with the edition where not given.
    say : callable, optional
        Told what is hidden, in Chinese and English.

    Returns
    -------
    Effect

    Raises
    ------
    HouseholdsLostError
        If a household would lie in no grid.
    """
    least = settings.min_households
    before = hidden_codes(session, min_households=least)
    territories = Territories(session.get_bind().engine)
    moved = move_in(
        session, number, limit_m=settings.nearest_limit_m, given=given, territories=territories
    )
    note_superseded(session, before, min_households=least)
    routed = reroute(
        session,
        "edition",
        nearest_limit_m=settings.nearest_limit_m,
        territories=territories,
    )
    refresh_after_load(session, "territory", settings=settings)
    hiding = compare_hidden(session, before, min_households=least)
    for zh, en in sentences(hiding, min_households=least):
        say(zh, en)
    return Effect(moved, routed.rows, hiding)


def move_in(
    session: Session,
    number: int,
    *,
    limit_m: float,
    given: Registers | None = None,
    territories: Territories | None = None,
) -> Moved:
    """Let an edition answer, and what hangs on grids lie and go on in its own.

    The part of `take_effect` that decides and counts nothing.
    """
    planned = publish.take_effect(session, number)
    valid_from = repository.edition(session, number).valid_from
    if given is None and planned is not None:
        given = Registers.from_json(planned)
    if given is not None and given.divisions is not None:
        registers.put_divisions(session, given.divisions)
    territories = territories or Territories(session.get_bind().engine)
    index = territories.on(session, today(), number).index
    households = homes.rehome(session, index, limit_m=limit_m)
    incidents = decisions.rehome(session, index, limit_m=limit_m)
    lineage.count_lineage(session, number, households)
    if given is not None:
        registers.put_community_aliases(session, given.communities, valid_from=valid_from)
        registers.put_compounds(session, given.compounds)
    succession = succeed(session, number, on=valid_from)
    rules = follow_rules(session, number, on=valid_from)
    return Moved(households, incidents, succession, rules)
