"""Pictures of a place's months and of a month's spots: PNG, or a page with the figures below."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from api.products.pictures import grids_picture
from geo.calendar import today
from geo.codes import GRID_DIGITS, community_of
from geo.coverage.spots import Of
from geo.errors import Language
from geo.frames import is_withheld
from geo.settings import Settings
from geo.territory import repository as territory
from layers import measured, styles
from layers.months import month_name
from layers.pages.picture_page import picture_page
from layers.paper import furniture, series_sheet, sheet
from layers.places import display_names

# What grids are coloured by beneath the spots.
BENEATH: dict[Of, str] = {"coverage": "coverage", "incidents": "incidents_per_100"}


def series_picture(
    session: Session, every: pd.DataFrame, rows: pd.DataFrame, *, measure: str, language: Language
) -> bytes:
    """Draw a place through the months as PNG.

    Parameters
    ----------
    session : Session
    every, rows : DataFrame
        As `api.products.series.months_of` takes and gives them.
    measure : str
        One of `layers.styles.MEASURES`.
    language : {"zh", "en"}
    """
    known = territory.edition(session)
    code = str(rows["code"].iloc[0])
    around = every[every["code"] == community_of(code)]
    inside = len(code) == GRID_DIGITS
    pdf = series_sheet.series_sheet(
        rows,
        measure=measure,
        code=code,
        name=_name(rows, language),
        attribution=known.attribution,
        synthetic=known.synthetic,
        edition=known.title,
        as_of=today(),
        community=around if inside and not around["hidden"].any() else None,
        language=language,
    )
    return sheet.to_png(pdf)


def series_page(
    session: Session, every: pd.DataFrame, rows: pd.DataFrame, *, measure: str, language: Language
) -> bytes:
    """Write the page of a place through the months; else as for `series_picture`."""
    words = styles.texts("series", language)
    short = styles.words(measure, language)["short"]
    title = words["series_title"].format(name=_name(rows, language), measure=short)
    base = styles.BASES[measure]
    ends = [f"{measure}_low", f"{measure}_high"]
    bounded = [name for name in ends if name in rows]
    heads = {ends[0]: words["low"], ends[1]: words["high"]}
    told = rows[rows["month"].isin(series_sheet.months_shown(rows)) & ~rows["hidden"]]
    told = told.sort_values("month", ascending=False)

    def column(name: str) -> list[str]:
        """Write a column: what is not published says so, and is no missing figure."""
        values = told[name].to_numpy(dtype=float, na_value=np.nan)
        texts = (
            measured.written(measure, value)
            if name != base
            else "–"
            if np.isnan(value)
            else f"{value:,.0f}"
            for value in values
        )
        secret = is_withheld(told, name)
        return [words["hidden"] if away else text for away, text in zip(secret, texts, strict=True)]

    redrawn = (told["redraw"] == True).map({True: words["redraw"], False: ""})  # noqa: E712
    shown = list(
        zip(
            (month_name(month, words) for month in told["month"]),
            *(column(name) for name in (measure, *bounded, base)),
            redrawn,
            strict=True,
        )
    )
    return _page(
        session,
        series_picture(session, every, rows, measure=measure, language=language),
        language=language,
        title=title,
        heading=words["series_table"],
        columns=[
            words["month_column"],
            words["value"],
            *(heads[name] for name in bounded),
            words["base_closed" if base == "closed" else "base"],
            words["remark"],
        ],
        rows=shown,
        nothing=words["secret"],
    )


def spots_picture(
    session: Session,
    found: pd.DataFrame,
    *,
    of: Of,
    month: date,
    level: int,
    settings: Settings,
    language: Language,
) -> bytes:
    """Draw the spots of a month over what they are spots of, as PNG.

    Parameters
    ----------
    session : Session
    found : DataFrame
        As `geo.coverage.spots.spots` gives it, of `of`, `month` and `level`.
    of : {"coverage", "incidents"}
    month : date
    level : {1, 2}
    settings : Settings
    language : {"zh", "en"}
    """
    there = _spots(found)
    return grids_picture(
        session,
        settings=settings,
        measure=BENEATH[of],
        month=month,
        level=level,
        language=language,
        spots=dict(zip(there["code"], there["spot"], strict=True)),
    )


def spots_page(
    session: Session,
    found: pd.DataFrame,
    *,
    of: Of,
    month: date,
    level: int,
    settings: Settings,
    language: Language,
) -> bytes:
    """Write the page of a month's spots; else as for `spots_picture`."""
    words = styles.texts("series", language)
    there = _spots(found)
    names = display_names(there, language)
    picture = spots_picture(
        session, found, of=of, month=month, level=level, settings=settings, language=language
    )
    return _page(
        session,
        picture,
        language=language,
        title=f"{words[f'spots_{of}']} · {month_name(month, words)}",
        heading=words["spots_table"],
        columns=[words["grid"], words["code"], words["kind"], "z", words["q"]],
        rows=[
            [name, code, words[spot], f"{z:.2f}", f"{q:.3f}"]
            for name, code, spot, z, q in zip(
                names, there["code"], there["spot"], there["z"], there["q"], strict=True
            )
        ],
        nothing=words["spots_none"],
    )


def _spots(found: pd.DataFrame) -> pd.DataFrame:
    return found[found["spot"].isin(["cold", "hot"])]


def _name(rows: pd.DataFrame, language: Language) -> str:
    return str(display_names(rows, language).iloc[0])


def _page(
    session: Session, picture: bytes, *, title: str, language: Language, **table: Any
) -> bytes:
    known = territory.edition(session)
    words = styles.texts("book", language)
    page = picture_page(
        picture,
        title=title,
        alt=title,
        credits=furniture.sources(
            words,
            known.attribution,
            known.title,
            synthetic=known.synthetic,
            crs=known.measuring_crs,
        ),
        synthetic=words["synthetic"] if known.synthetic else "",
        language=language,
        **table,
    )
    return page.encode()
