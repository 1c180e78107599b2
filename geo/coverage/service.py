"""What a site's settings and a load mean for the kept figures, in the load's own transaction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.coverage import privacy, repository
from geo.db import tables as t
from geo.settings import Settings

# What changes who lives in which grid, and so what figures of two editions would tell.
MOVING = ("territory", "households")


def follow(session: Session, what: str, *, settings: Settings) -> None:
    """Count as the settings say, up to today, and look at what a redraw would give away.

    Nothing is committed here.

    Parameters
    ----------
    session : Session
        In which something was loaded.
    what : str
        The kind of file, "territory" for an edition, or "" to follow the settings only.
    settings : Settings
        `month_first_day`, the intervals between visits and `min_households` count here.
    """
    repository.keep_setting(
        session,
        first_day=settings.month_first_day,
        visit_interval_days=settings.visit_interval_days,
        care_interval_days=settings.care_interval_days,
    )
    repository.keep_up(session)
    if what not in MOVING:
        return
    # On a single edition there is nothing to subtract; the database hides the rest by itself.
    if (session.scalar(select(func.count()).select_from(t.Edition)) or 0) > 1:
        privacy.assess(session, min_households=settings.min_households)
