"""What a site's settings and a load mean for the kept figures, in the load's own transaction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.coverage import privacy, repository
from geo.db import tables as t
from geo.settings import Settings

# What changes who lives in which grid, and so what figures of two editions would tell.
MOVING = ("territory", "households")


def keep_up(session: Session, *, settings: Settings) -> bool:
    """Bring what is kept up to the settings and to today: call it when a day begins.

    Where nothing is to be done it reads the kept months' days and writes nothing, waits for nobody
    and lets nobody wait. Nothing is committed here.

    Parameters
    ----------
    session : Session
    settings : Settings
        `month_first_day` and the intervals between visits count here.

    Returns
    -------
    bool
        Whether anything was counted anew.
    """
    changed = repository.keep_setting(
        session,
        first_day=settings.month_first_day,
        visit_interval_days=settings.visit_interval_days,
        care_interval_days=settings.care_interval_days,
    )
    return repository.keep_up(session) or changed


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
    keep_up(session, settings=settings)
    if what not in MOVING:
        return
    # On a single edition there is nothing to subtract; the database hides the rest by itself.
    if (session.scalar(select(func.count()).select_from(t.Edition)) or 0) > 1:
        privacy.assess(session, min_households=settings.min_households)
