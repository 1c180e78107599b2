"""A file that people send in: loaded, decided where it is of incidents, counted; all or nothing."""

from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage.hiding import HiddenChanges, compare_hidden
from geo.coverage.privacy import hidden_codes
from geo.coverage.service import refresh_after_load
from geo.incidents import rerouting
from geo.incidents import service as incidents
from geo.intake import facts, repository, running
from geo.intake import service as intake
from geo.intake.model import Summary
from geo.settings import Settings
from geo.workflows.next_month import PLAIN, NextMonth, follow
from geo.workflows.take_effect import take_due


class LoadedFile(NamedTuple):
    """What became of a file.

    Parameters
    ----------
    summary : Summary
        Of its rows.
    hiding : HiddenChanges
        Places that show no figures any more for what it brought, or do so again.
    withdrawn : DataFrame
        Visits that it replaced, as a file of visits has them: loaded again, they are back.
    """

    summary: Summary
    hiding: HiddenChanges
    withdrawn: pd.DataFrame


def load_file(
    session: Session,
    kind: str,
    source: intake.Source,
    *,
    settings: Settings,
    next_month: NextMonth = PLAIN,
    **how: Any,
) -> LoadedFile:
    """Load a file, see `geo.intake.service.load`, with all that follows from it.

    An incident that is new is decided ("reported"), and one whose place or category is another now
    ("moved"); the state of each is kept. Figures are counted as the settings say, and what they
    would give away is hidden. The same file again changes nothing. Nothing is committed here.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    kind : str
        One of `geo.intake.kinds.KINDS`.
    source : Path, FileSource, Table, DataFrame or GeoDataFrame
    settings : Settings
    next_month : NextMonth
        What becomes of what is stored and not in the file.
    **how
        What else `geo.intake.service.load` takes.

    Returns
    -------
    LoadedFile

    Raises
    ------
    BannerGridError
        As `geo.intake.service.load` and `geo.workflows.next_month.follow` do.
    """
    # What came due while nobody turned the day is in force before rows are placed.
    take_due(session, settings=settings)
    hidden = hidden_codes(session, min_households=settings.min_households)
    are_incidents = facts.kind(kind).table == "incident"
    if are_incidents:
        incidents.keep_turn(session)
    this = facts.kind(kind)
    repository.take_turn(session)
    before = running.read_stored(session, this)
    summary = intake.load(session, kind, source, settings=settings, **how)
    summary, withdrawn = follow(session, this, summary, before, how=next_month, settings=settings)
    if are_incidents:
        rerouting.decide_missing(session, nearest_limit_m=settings.nearest_limit_m)
    refresh_after_load(session, facts.kind(kind).name, settings=settings)
    return LoadedFile(
        summary, compare_hidden(session, hidden, min_households=settings.min_households), withdrawn
    )
