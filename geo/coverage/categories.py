"""Incidents of a place by network: how many, how many still open, where they were solved."""

from collections.abc import Collection
from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.codes import COMMUNITY_DIGITS
from geo.coverage.privacy import LEAST, hidden_codes
from geo.coverage.solving import open_incidents, solved
from geo.routing.repository import categories
from geo.settings import Settings
from geo.territory.lineage import explain_missing
from geo.territory.repository import edition, names

SOLVED = ["in_grid", "in_community", "above"]
COUNTS = ["reported", "open", "closed", *SOLVED]


def incidents_by_category(
    session: Session,
    *,
    month: date,
    code: str | None,
    settings: Settings,
    hidden: Collection[str] | None = None,
) -> pd.DataFrame | None:
    """Count a month's incidents of a place by network.

    Parameters
    ----------
    session : Session
    month : date
        First day of the calendar month after which it is called.
    code : str, optional
        Of a grid of either level, or the first digits of a town or the banner; everything where
        not named. Beyond a grid the communities that are not hidden are added up.
    settings : Settings
        `min_households` counts here.
    hidden : collection of str, optional
        See `geo.coverage.privacy.hidden_codes`, of the same state of the data; read where not
        handed in, which takes as long as there are households.

    Returns
    -------
    DataFrame or None
        `category`, `name`, `name_en`, the counts as in `geo.frames.FIGURES`, `median_hours` (only
        of a grid, and not of fewer than `min_households` incidents closed); every network by code,
        with 0 where it has none. None where the place is hidden.

    Raises
    ------
    GridNotFoundError
        If there is no such place today.
    """
    place = code or ""
    called = pd.Series(_codes(session, place))
    if hidden is None:
        hidden = hidden_codes(session, min_households=settings.min_households)
    shown = called[~called.isin(hidden)]
    if shown.empty:
        return None
    keys = ["code", "category"]
    found = solved(session, month=month, by_category=True)
    opened = open_incidents(session, month=month, by_category=True)
    found = found.rename(columns={"closed": "closings"})
    both = found.merge(opened[[*keys, "open"]].astype({"code": "str"}), on=keys, how="outer")
    both = both[both["code"].isin(shown)]
    both = both.assign(closed=both[SOLVED].sum(axis="columns"))
    sums = both.groupby("category")[COUNTS].sum()
    if len(place) >= COMMUNITY_DIGITS:
        both = both.set_index("category")
        enough = both["closings"] >= max(LEAST, settings.min_households)
        sums["median_hours"] = both["median_hours"].where(enough)
    networks = [one for one in categories(session).values() if one.parent is None]
    named = pd.DataFrame(
        [(one.code, one.name, one.name_en) for one in networks],
        columns=["category", "name", "name_en"],
    )
    # What is reported of a network that was taken out since is counted under its bare code.
    every = named.merge(sums, on="category", how="outer")
    every["name"] = every["name"].fillna(every["category"])
    every[COUNTS] = every[COUNTS].fillna(0).astype("Int64")
    return every.sort_values("category", ignore_index=True)


def _codes(session: Session, place: str) -> list[str]:
    """Give the grid that is meant, or the communities of a town or the banner."""
    known, day = edition(session), today()
    compounds = names(session, known, day).index
    digits = max(len(place), COMMUNITY_DIGITS)
    codes = sorted({code[:digits] for code in compounds if code.startswith(place)})
    if not codes:
        raise explain_missing(session, place, day, edition=known.id)
    return codes
