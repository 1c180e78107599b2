"""People say what addresses mean: whatever that places is routed in the same transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from geo.incidents import rerouting, service
from geo.routing.live import Routers
from geo.settings import Settings


@contextmanager
def routing_what_is_placed(
    session: Session, *, settings: Settings, in_memory: Routers | None = None
) -> Iterator[Session]:
    """Give a session in which reviews and aliases are decided; then route the incidents it placed.

    Nothing is committed here, and nothing is routed where the block fails.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    settings : Settings
        `nearest_limit_m`.
    in_memory : Routers, optional
        Where today's router may be at hand; else it is read from the database.

    Yields
    ------
    Session
        That of the parameters; no edition is published and no rules are loaded until it ends.

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If there are incidents and no territory is published, or none for today.
    """
    service.keep(session)
    yield session
    rerouting.decide_missing(session, nearest_limit_m=settings.nearest_limit_m, in_memory=in_memory)
