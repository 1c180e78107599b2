"""A mark of all that pictures and tables of figures are made from: another one when it changed."""

from sqlalchemy.orm import Session

from geo.db import versions


def stamp(session: Session) -> str:
    """Give a text that is another one whenever a figure, a border, a name or a post was changed.

    Visits, pairings, statuses and the like show in the figures: whatever touches them has those
    written anew.

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
    """
    return versions.mark(session, "figures", "ground", "incidents", "people", "rules", "territory")
