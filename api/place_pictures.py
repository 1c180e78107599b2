"""Pictures of a place's months and of a month's spots: PNG, or a page with the figures below."""

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from api import series
from api.pictures import grids_picture
from geo.calendar import today
from geo.coverage.privacy import LEVEL_ONE
from geo.coverage.spots import Of
from geo.errors import Language
from geo.settings import Settings
from geo.territory import repository as territory
from layers import furniture, measured, series_sheet, sheet, styles
from layers.page import month_name
from layers.picture_page import picture_page
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
        As `api.series.months_of` takes and gives them.
    measure : str
        One of `layers.styles.MEASURES`.
    language : {"zh", "en"}
    """
    known = territory.edition(session)
    code = str(rows["code"].iloc[0])
    around = every[every["code"] == code[:LEVEL_ONE]]
    inside = series.LEVELS.get(len(code)) == 2  # noqa: PLR2004 - the level's number
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
    told = rows[rows["month"].isin(series_sheet.months_shown(rows))]
    shown = [
        [
            month_name(row["month"], words),
            *(
                measured.written(measure, float("nan") if pd.isna(row[name]) else float(row[name]))
                for name in (measure, *bounded)
            ),
            "–" if pd.isna(row[base]) else f"{int(row[base]):,}",
            words["redraw"] if pd.notna(row["redraw"]) and row["redraw"] else "",
        ]
        for _, row in told.sort_values("month", ascending=False).iterrows()
        if not row["hidden"]
    ]
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
        credits=furniture.sources(words, known.attribution, known.title, synthetic=known.synthetic),
        synthetic=words["synthetic"] if known.synthetic else "",
        language=language,
        **table,
    )
    return page.encode()
