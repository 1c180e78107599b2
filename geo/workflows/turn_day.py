"""The turn of the day: what was published for it is routed, and figures are counted up to it."""

from sqlalchemy.orm import Session

from geo.coverage.service import refresh
from geo.incidents import rerouting
from geo.incidents.rerouting import Done
from geo.routing.live import Routers
from geo.settings import Settings


def turn_day(session: Session, *, settings: Settings, in_memory: Routers | None = None) -> Done:
    """Bring incidents and figures up to today; where the day changes nothing, nothing is written.

    Nothing is committed here. To be called when a day begins, and when a service starts, as a day
    may have turned meanwhile.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    settings : Settings
        `nearest_limit_m`, and what `geo.coverage.service.refresh` takes from it.
    in_memory : Routers, optional
        Where today's router may be at hand; else it is read from the database.

    Returns
    -------
    Done
        The incidents that somebody else answers for from today on.
    """
    done = rerouting.turn_day(
        session, nearest_limit_m=settings.nearest_limit_m, in_memory=in_memory
    )
    refresh(session, settings=settings)
    return done
