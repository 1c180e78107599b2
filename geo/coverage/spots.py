"""Hot and cold spots of a month, from what is published of it: hidden places move none of them."""

from collections.abc import Collection
from datetime import date
from typing import Literal

import pandas as pd
from sqlalchemy.orm import Session

from geo.coverage.figures import figures
from geo.coverage.hotspots import hotspots
from geo.settings import Settings
from geo.territory.repository import grids

Of = Literal["coverage", "incidents"]
# What is counted, against what, and whether it is a part of that.
MADE_OF: dict[Of, tuple[str, str, Literal["share", "incidence"]]] = {
    "coverage": ("by_paired", "known", "share"),
    "incidents": ("reported", "registered", "incidence"),
}


def spots(
    session: Session,
    *,
    month: date,
    of: Of,
    level: int,
    settings: Settings,
    hidden: Collection[str] | None = None,
) -> pd.DataFrame:
    """Find where grids and their neighbours together differ from the banner.

    Parameters
    ----------
    session : Session
    month : date
        First day of the calendar month after which it is called.
    of : {"coverage", "incidents"}
        Visits of the households known, or incidents for each household.
    level : {1, 2}
    settings : Settings
        `min_households` and `hotspot_permutations` count here.
    hidden : collection of str, optional
        See `geo.coverage.privacy.hidden_codes`, of the same state of the data; read where not
        handed in, which takes as long as there are households.

    Returns
    -------
    DataFrame
        `code`, `name`, `name_en`, `hidden` and those of `geo.frames.SPOTS`; by code. Hidden places
        and those of which nothing is known are compared with nobody.

    Raises
    ------
    EditionNotFoundError, MonthWithoutDataError
        If nothing is published, or nothing has arrived for `month`.
    """
    events, base, kind = MADE_OF[of]
    read = figures(session, month=month, level=level, settings=settings, hidden=hidden)
    counts = read[["code", events, base]].set_axis(["code", "events", "base"], axis="columns")
    found = hotspots(
        grids(session, level=level),
        counts.astype({"events": float, "base": float}),
        kind=kind,
        permutations=settings.hotspot_permutations,
    )
    named = read[["code", "name", "name_en", "hidden"]]
    return named.merge(found, on="code", how="left")
