"""Figures as files: Excel, CSV and GeoPackage, each with the dictionary of its columns.

One row a grid and month, with every column of `geo.frames.FIGURES`. The same figures give the same
bytes, so that who has a file need not fetch it again.
"""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.errors import FrameError, Language
from geo.files.atomic import refuse_ending, scratch_folder
from geo.files.guards import write_csv
from geo.frames import FIGURES, GRIDS, check
from geo.measures import MEASURES
from layers import styles
from layers.files import geopackages, workbooks

ENDINGS = (".xlsx", ".csv", ".gpkg")
KEYS = ["code", "level", "name", "name_en", "month", "hidden"]
MARKS = ("edition", "attribution", "measuring_crs", "data")
# Of columns that are no number of households; measures state theirs in their rows. What is no
# number at all, or a pure one, has none.
_UNITS = {
    "": (*KEYS, *MARKS, "withheld", "redraw", "z", "p", "q", "spot"),
    "share": ("interpolated",),
    "dwellings": ("dwellings", "occupied", "holes", "counted"),
    "people": ("residents",),
    "incidents": ("reported", "open", "closed", "in_grid", "in_community", "above"),
    "days": ("days_since",),
    "hours": ("median_hours",),
}
_MEASURE_OF = {column: measure for measure in MEASURES.values() for column in measure.columns}


def check_ending(out: Path) -> None:
    """Refuse a name whose form cannot be written, before any work is done.

    Raises
    ------
    FileRefusedError
        Naming the forms that can.
    """
    refuse_ending(out, ENDINGS)


def table(figures: pd.DataFrame, marks: Mapping[str, Any]) -> pd.DataFrame:
    """Lay figures out as they are written.

    Parameters
    ----------
    figures : DataFrame
        As `geo.frames.FIGURES`.
    marks : mapping
        What each row says of itself, see `geo.territory.files.provenance_columns`.

    Returns
    -------
    DataFrame
        `code`, `level`, `name`, `name_en`, `month`, `hidden`, `withheld`, the figures, the marks;
        by level, code, month.

    Raises
    ------
    FrameError
        If a column is missing, or a hidden row has figures.
    """
    check(figures, FIGURES)
    names = [name for name in FIGURES.columns if name not in KEYS]
    shown = figures.loc[figures["hidden"].astype(bool), names].notna()
    if shown.any(axis=None):
        code = figures["code"].loc[shown.index[shown.any(axis=1)][0]]
        raise FrameError(
            frame=FIGURES.name,
            problem=f"the row of {code} is hidden and yet has figures; empty them",
            problem_zh=f"{code} 已标为不公布，却仍有数字，请清空",
        )
    keys = [key for key in (*KEYS, "withheld") if key in figures.columns]
    marked = figures[[*keys, *names]].assign(**{mark: marks[mark] for mark in MARKS})
    return marked.sort_values(["level", "code", "month"], ignore_index=True)


def dictionary(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Say what each column means and in which unit.

    Parameters
    ----------
    table : DataFrame
        As `table` gives it, or some of its columns.
    language : {"zh", "en"}

    Returns
    -------
    DataFrame
        One row a column, in its order: name, meaning, unit; headed in the language.
    """
    words = styles.meanings(language)
    rows = [
        (column, words[column], _unit(column, words, language))
        for column in map(str, table.columns)
    ]
    return pd.DataFrame(rows, columns=[words["column"], words["meaning"], words["unit"]])


def _unit(column: str, words: Mapping[str, str], language: Language) -> str:
    measure = _MEASURE_OF.get(column)
    if measure is not None and measure.unit is not None:
        return measure.unit[language]
    for unit, columns in _UNITS.items():
        if column in columns:
            return words[f"unit_{unit}"] if unit else ""
    return words["unit_households" if FIGURES.columns[column] == "integer" else "unit_share"]


def write(
    table: pd.DataFrame, out: Path, *, language: Language, grids: gpd.GeoDataFrame | None = None
) -> list[Path]:
    """Write figures with their dictionary, whole or not at all.

    Parameters
    ----------
    table : DataFrame
        As `table` gives it, or other rows by place and month; `code` and `month` among them.
    out : Path
        A name that ends in .xlsx (a sheet a level, the dictionary, a word about the data), .csv
        (the dictionary beside it, as NAME.dictionary.csv) or .gpkg (a layer a level with
        geometry, the dictionary as a table).
    language : {"zh", "en"}
        Of sheets and dictionary; names of columns are the same in both.
    grids : GeoDataFrame, optional
        As `geo.frames.GRIDS`; needed for .gpkg. EPSG:4490.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    FileRefusedError
        If such a file cannot be written, or a sheet cannot hold so many rows.
    OutputFolderError
        If nothing can be written there.
    FrameError
        If a .gpkg is wanted and there are no grids.
    """
    check_ending(out)
    explained = dictionary(table, language)
    names = written_to(out)
    with scratch_folder(out) as folder:
        half = folder / out.name
        if out.suffix.lower() == ".csv":
            write_csv(table, half)
            write_csv(explained, folder / names[1].name)
        elif out.suffix.lower() == ".gpkg":
            if grids is None:
                raise FrameError(
                    frame=GRIDS.name,
                    problem="a GeoPackage needs the grids' borders; hand them in",
                    problem_zh="写 GeoPackage 需要网格边界",
                )
            geopackages.write(table, explained, half, grids)
        else:
            _write_workbook(table, explained, half, language)
        for name in names:
            (folder / name.name).replace(name)
    return names


def body(
    table: pd.DataFrame,
    ending: str,
    *,
    language: Language,
    grids: gpd.GeoDataFrame | None = None,
) -> bytes:
    """Give the file that `write` makes, but for a CSV's dictionary.

    Parameters
    ----------
    table : DataFrame
    ending : str
        One of `ENDINGS`.
    language : {"zh", "en"}
    grids : GeoDataFrame, optional
        Needed for .gpkg.

    Raises
    ------
    FileRefusedError, FrameError
        As `write` does.
    """
    with TemporaryDirectory() as folder:
        out = Path(folder) / f"figures{ending}"
        write(table, out, language=language, grids=grids)
        return out.read_bytes()


def written_to(out: Path) -> list[Path]:
    """List the files that `write` makes: the one that is named, and a CSV's dictionary."""
    beside = [out.with_name(f"{out.stem}.dictionary.csv")] if out.suffix.lower() == ".csv" else []
    return [out, *beside]


def _write_workbook(
    table: pd.DataFrame, explained: pd.DataFrame, out: Path, language: Language
) -> None:
    words = styles.texts("export", language)
    # Banner and towns are of no level.
    levels = sorted(table["level"].unique().tolist()) if "level" in table else []
    sheets = {words[f"figures_{level}"]: table.loc[table["level"] == level] for level in levels}
    sheets = sheets or {words["figures"]: table}
    months = table["month"]
    title = words["about_title"].format(
        first=f"{min(months):%Y-%m}" if len(table) else "-",
        last=f"{max(months):%Y-%m}" if len(table) else "-",
    )
    marks = []
    if len(table):
        first = {mark: str(table[mark].iloc[0]) for mark in MARKS}
        named = [f"{words[mark]}: {first[mark]}" for mark in ("edition", "measuring_crs")]
        marks = [named[0], first["attribution"], named[1], first["data"]]
    said = [title, *filter(None, marks), words["about_blank"], words["about_places"]]
    sheets[words["dictionary"]] = explained
    sheets[words["about"]] = pd.DataFrame({words["about"]: said})
    workbooks.write(sheets, out)
