"""A set of rules: put in force, and open incidents routed by it, in one transaction."""

from datetime import date
from typing import NamedTuple

import pandas as pd
from sqlalchemy.orm import Session

from geo.incidents.rerouting import reroute
from geo.routing import service
from geo.routing.proposal import Proposal
from geo.settings import Settings


class LoadedRules(NamedTuple):
    """What became of a set of rules.

    Parameters
    ----------
    loaded : Loaded
        The set as it is stored, and whether it is new.
    rerouted : DataFrame
        The incidents whose decision is another by it, see `geo.incidents.rerouting.Done`.
    """

    loaded: service.Loaded
    rerouted: pd.DataFrame


def load_rules(
    session: Session, proposed: Proposal, *, valid_from: date, settings: Settings
) -> LoadedRules:
    """Put a set of rules in force from a day on, and route all open incidents anew.

    Nothing is committed here.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    proposed : Proposal
    valid_from : date
        After the first day of the newest set.
    settings : Settings
        `nearest_limit_m` counts here.

    Returns
    -------
    LoadedRules

    Raises
    ------
    RulesRefusedError, RulesTooEarlyError, EditionNotFoundError, DayNotCoveredError
        See `geo.routing.service.load`; nothing has been written then.
    """
    loaded = service.load(session, proposed, valid_from=valid_from)
    done = reroute(session, "rules", nearest_limit_m=settings.nearest_limit_m)
    return LoadedRules(loaded, done.rows)
