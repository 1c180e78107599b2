"""Files of incidents: loaded as any file is, then decided; other kinds pass through."""

from typing import Any

from sqlalchemy.orm import Session

from geo.incidents import rerouting, service
from geo.intake import facts
from geo.intake import service as intake
from geo.intake.model import Summary
from geo.settings import Settings


def load(
    session: Session, kind: str, source: intake.Source, *, settings: Settings, **how: Any
) -> Summary:
    """Load a file, see `geo.intake.service.load`; what it brings of incidents is decided.

    An incident that is new is decided ("reported"), and one whose place or category is another now
    ("moved"); the state of each is kept. The same file again decides nothing.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    kind : str
    source : Path, FileSource, Table, DataFrame or GeoDataFrame
    settings : Settings
    **how
        What else `geo.intake.service.load` takes.

    Returns
    -------
    Summary

    Raises
    ------
    BannerGridError
        As `geo.intake.service.load` does.
    """
    are_incidents = facts.kind(kind).table == "incident"
    if are_incidents:
        service.keep_turn(session)
    summary = intake.load(session, kind, source, settings=settings, **how)
    if are_incidents:
        rerouting.decide_missing(session, nearest_limit_m=settings.nearest_limit_m)
    return summary
