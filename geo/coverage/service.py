"""What a site's settings and a load mean for the kept figures, in the load's own transaction."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.coverage import privacy, repository
from geo.db import tables as t
from geo.settings import Settings

# What changes who is counted in which grid, and so what figures of two editions would tell.
COUNTED = (
    *("territory", "households", "household_statuses", "pairings", "deliveries", "visits"),
    "cadres",
)


def refresh(session: Session, *, settings: Settings) -> bool:
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
    return repository.refresh(session) or changed


def refresh_after_load(session: Session, what: str, *, settings: Settings) -> None:
    """Count as the settings say, up to today, and look at what a redraw would give away.

    Nothing is committed here.

    Parameters
    ----------
    session : Session
        In which something was loaded.
    what : str
        The kind of file, "territory" for an edition, or "" for the settings only: what is
        hidden is looked at again where their `min_households` is another.
    settings : Settings
        `month_first_day`, the intervals between visits and `min_households` count here.
    """
    refresh(session, settings=settings)
    # On a single edition there is nothing to subtract; the database hides the rest by itself.
    newest, editions = session.execute(
        select(func.max(t.Edition.id), func.count()).where(t.TOOK_EFFECT)
    ).one()
    if editions < 2:  # noqa: PLR2004 - an earlier one and a later one
        return
    known = select(t.CoverageRelease.min_households).where(t.CoverageRelease.edition == newest)
    least = max(privacy.LEAST, settings.min_households)
    if what in COUNTED or session.scalar(known) != least:
        privacy.assess(session, min_households=least)
