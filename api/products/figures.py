"""Figures as they are answered: rows by code, and what they rest on."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from api.products.forms import Form
from geo.calendar import today
from geo.coverage import repository, states
from geo.coverage.figures import totals
from geo.coverage.rules import ends
from geo.errors import Language
from geo.settings import Settings
from geo.territory import ground
from geo.territory.files import provenance_columns
from geo.territory.repository import edition, grids
from layers.files import exports

DIGITS = 6  # of a share, behind the point: more would only be longer


def rows(frame: pd.DataFrame, names: Sequence[str]) -> list[dict[str, Any]]:
    """Give rows as JSON knows them: whole numbers whole, nothing for what is missing.

    Parameters
    ----------
    frame : DataFrame, shape (n, k)
    names : sequence of str
        Columns; those that the frame lacks are left out.

    Returns
    -------
    list of dict, length n
    """
    there = [name for name in names if name in frame]
    columns = [_values(frame[name]) for name in there]
    return [dict(zip(there, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(column: pd.Series) -> list[Any]:
    if pd.api.types.is_float_dtype(column.dtype):
        numbers = column.to_numpy(dtype=float, na_value=np.nan).round(DIGITS)
        objects = numbers.astype(object)
        objects[np.isnan(numbers)] = None
        return list(objects)
    return [
        None if gone else value for value, gone in zip(column.tolist(), column.isna(), strict=True)
    ]


def provenance(session: Session) -> dict[str, Any]:
    """Say of which edition the grids are, and whether they are made up."""
    known = edition(session)
    return {
        "edition": known.id,
        "synthetic": known.synthetic,
        "attribution": known.attribution,
        "measuring_crs": known.measuring_crs,
    }


def basis(session: Session, month: date) -> dict[str, Any]:
    """Say up to which day a month's figures go, and of how many organisations they are.

    Parameters
    ----------
    session : Session
    month : date

    Returns
    -------
    dict
        `as_of`, `running` (the month is not over) and `deliveries`: of the organisations with
        pairings in the month how many have handed in, so that a gap is seen as one.
    """
    after = ends(month, first_day=repository.first_day(session))
    handed_in = states.deliveries(session, month=month)["arrived"]
    return {
        "as_of": min(after - timedelta(days=1), today()).isoformat(),
        "running": today() < after,
        "deliveries": {"expected": len(handed_in), "arrived": int(handed_in.sum())},
    }


def named_totals(session: Session, figures: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Add up banner and towns, with their names.

    Parameters
    ----------
    session : Session
    figures : DataFrame
        See `geo.coverage.figures.figures`.
    settings : Settings
        `coverage_target` counts here.

    Returns
    -------
    DataFrame
        See `geo.coverage.figures.totals`, with `name` and `name_en`; by month, code.
    """
    divisions = ground.divisions(session)[["code", "name", "name_en"]]
    least = settings.min_households
    sums = totals(figures, target=settings.coverage_target, min_households=least)
    return sums.merge(divisions, on="code", how="left")


def file(
    session: Session,
    frame: pd.DataFrame,
    form: Form,
    *,
    language: Language,
    names: Sequence[str],
) -> bytes:
    """Write rows of figures as a file, each with its provenance, explained where the form can.

    Parameters
    ----------
    session : Session
    frame : DataFrame
        With `code` and `month`; what `names` does not hold is left out.
    form : {"csv", "xlsx", "gpkg"}
    language : {"zh", "en"}
        Of the sheets and the dictionary.
    names : sequence of str
        Columns beside those that say which place and month a row is of.
    """
    known = edition(session)
    said = [name for name in exports.KEYS if name in frame]
    wanted = [name for name in names if name in frame and name not in said]
    table = frame[[*said, *wanted]].assign(**provenance_columns(known, language))
    borders = grids(session, edition=known.id) if form == "gpkg" else None
    return exports.body(table, f".{form}", language=language, grids=borders)
