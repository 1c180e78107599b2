"""The turn of the day: what was published for it is routed, and figures are counted up to it."""

from dataclasses import replace

import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage.service import refresh
from geo.incidents import rerouting
from geo.incidents.rerouting import Done
from geo.routing.live import Routers
from geo.settings import Settings
from geo.workflows.take_effect import take_due


def turn_day(session: Session, *, settings: Settings, in_memory: Routers | None = None) -> Done:
    """Bring territory, incidents and figures up to today; an idle day writes nothing.

    An edition that was planned for the day takes effect first. Nothing is committed here. To be
    called when a day begins, and when a service starts, as a day may have turned meanwhile.

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
    effect = take_due(session, settings=settings)
    done = rerouting.turn_day(
        session, nearest_limit_m=settings.nearest_limit_m, in_memory=in_memory
    )
    refresh(session, settings=settings)
    if effect is None or effect.rerouted.empty:
        return done
    rows = pd.concat([effect.rerouted, done.rows], ignore_index=True)
    return replace(done, rerouted=len(rows), rows=rows)
