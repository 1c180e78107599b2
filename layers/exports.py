"""Figures as files: Excel, CSV and GeoPackage, each with the dictionary of its columns.

One row a grid and month; a measure has five columns: value, bounds, base, hidden.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from geo.errors import FileRefusedError, FrameError, Language
from geo.frames import GRIDS, check
from geo.tabular.whole import scratch_folder
from layers import styles
from layers.measured import check_measured, measures_of

ENDINGS = (".xlsx", ".csv", ".gpkg")
MOST_SHEET_ROWS = 1_048_575  # of Excel, beside the heading
PARTS = ("value", "low", "high", "base", "hidden")
_KEYS = ["code", "level", "name", "name_en", "month"]
_MARKS = ("edition", "attribution", "data")


def check_ending(out: Path) -> None:
    """Refuse a name whose form cannot be written, before any work is done.

    Raises
    ------
    FileRefusedError
        Naming the forms that can.
    """
    if out.suffix.lower() not in ENDINGS:
        listed = " ".join(ENDINGS)
        raise FileRefusedError(
            file=out.name,
            problem=f"such a file cannot be written; name one that ends in: {listed}",
            problem_zh=f"无法写成这种文件，扩展名应为：{listed}",
        )


def wide(measured: pd.DataFrame, marks: Mapping[str, Any]) -> pd.DataFrame:
    """Lay figures out with one row a grid and month.

    Parameters
    ----------
    measured : DataFrame
        As `layers.measured.MEASURED`; `name` and `name_en` are taken along where there.
    marks : mapping
        What each row says of itself, see `geo.territory.files.marks`.

    Returns
    -------
    DataFrame
        `code`, `level`, `name`, `name_en`, `month`, five columns a measure (`pairing`,
        `pairing_low`, `pairing_high`, `pairing_base`, `pairing_hidden`), the marks; by level, code,
        month.
    """
    check_measured(measured)
    keys = [key for key in _KEYS if key in measured.columns]
    table = measured[keys].drop_duplicates(["code", "month"])
    for measure in measures_of(measured):
        rows = measured.loc[measured["measure"] == measure, ["code", "month", *PARTS]]
        names = {part: _column(measure, part) for part in PARTS}
        table = table.merge(rows.rename(columns=names), on=["code", "month"], how="left")
    marked = table.assign(**{mark: marks[mark] for mark in _MARKS})
    return marked.sort_values(["level", "code", "month"], ignore_index=True)


def dictionary(table: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Say what each column means and in which unit.

    Parameters
    ----------
    table : DataFrame
        As `wide` gives it.
    language : {"zh", "en"}

    Returns
    -------
    DataFrame
        One row a column, in its order: name, meaning, unit; headed in the language.
    """
    words = styles.texts("export", language)
    rows = []
    for column in table.columns:
        measure, part = _split(str(column))
        if measure is None:
            rows.append((column, words[str(column)], ""))
            continue
        own = styles.words(measure, language)
        filled = {"title": own["title"], "subtitle": own["subtitle"], "base": own["base"]}
        meaning = words[f"{part}_meaning"].format(note=own["legend_note"], **filled)
        unit = words[f"unit_{styles.style(measure).facts['unit']}"]
        named = {"base": words["unit_base"], "hidden": ""}
        rows.append((column, meaning, named.get(part, unit)))
    return pd.DataFrame(rows, columns=[words["column"], words["meaning"], words["unit"]])


def write(
    table: pd.DataFrame, out: Path, *, language: Language, grids: gpd.GeoDataFrame | None = None
) -> list[Path]:
    """Write figures with their dictionary, whole or not at all.

    Parameters
    ----------
    table : DataFrame
        As `wide` gives it.
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
            table.to_csv(half, index=False, encoding="utf-8-sig")
            explained.to_csv(folder / names[1].name, index=False, encoding="utf-8-sig")
        elif out.suffix.lower() == ".gpkg":
            _write_geopackage(table, explained, half, grids)
        else:
            _write_workbook(table, explained, half, language)
        for name in names:
            (folder / name.name).replace(name)
    return names


def written_to(out: Path) -> list[Path]:
    """List the files that `write` makes: the one that is named, and a CSV's dictionary."""
    beside = [out.with_name(f"{out.stem}.dictionary.csv")] if out.suffix.lower() == ".csv" else []
    return [out, *beside]


def _column(measure: str, part: str) -> str:
    return measure if part == "value" else f"{measure}_{part}"


def _split(column: str) -> tuple[str | None, str]:
    for measure in styles.MEASURES:
        for part in PARTS:
            if column == _column(measure, part):
                return measure, part
    return None, ""


def _write_workbook(
    table: pd.DataFrame, explained: pd.DataFrame, out: Path, language: Language
) -> None:
    words = styles.texts("export", language)
    levels = sorted(int(level) for level in table["level"].unique())
    by_level = {level: table.loc[table["level"] == level] for level in levels}
    for rows in by_level.values():
        if len(rows) > MOST_SHEET_ROWS:
            raise FileRefusedError(
                file=out.name,
                problem=f"a sheet holds {MOST_SHEET_ROWS:,} rows, there are {len(rows):,}; take "
                "fewer months, or write .csv",
                problem_zh=f"工作表最多 {MOST_SHEET_ROWS:,} 行，现有 {len(rows):,} 行；"
                "请减少月份或改写 .csv",
            )
    book = Workbook(write_only=True)
    for level, rows in by_level.items():
        _sheet(book, words[f"figures_{level}"], rows, wide_columns=("name", "name_en"))
    _sheet(book, words["dictionary"], explained, wide_columns=tuple(explained.columns[:2]))
    months = table["month"]
    title = words["about_title"].format(
        first=f"{min(months):%Y-%m}" if len(table) else "-",
        last=f"{max(months):%Y-%m}" if len(table) else "-",
    )
    said = [title, *(str(table[mark].iloc[0]) for mark in _MARKS if len(table))]
    about = pd.DataFrame({words["about"]: [*filter(None, said), words["about_places"]]})
    _sheet(book, words["about"], about, wide_columns=(words["about"],))
    book.save(out)


def _sheet(book: Workbook, name: str, rows: pd.DataFrame, *, wide_columns: tuple[str, ...]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for place, column in enumerate(rows.columns):
        letter = _letter(place)
        sheet.column_dimensions[letter].width = 44 if column in wide_columns[-1:] else 18
    bold = Font(bold=True)
    sheet.append([_cell(sheet, str(column), bold) for column in rows.columns])
    values = rows.astype(object).where(rows.notna(), None)
    for row in values.itertuples(index=False, name=None):
        sheet.append([_cell(sheet, one) if isinstance(one, str) else one for one in row])


def _cell(sheet: Any, words: str, font: Font | None = None) -> Any:
    made = WriteOnlyCell(sheet, value=words)
    made.data_type = "s"  # a text that begins with "=" is no formula
    if font:
        made.font = font
    return made


def _letter(place: int) -> str:
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _write_geopackage(
    table: pd.DataFrame,
    explained: pd.DataFrame,
    out: Path,
    grids: gpd.GeoDataFrame | None,
) -> None:
    if grids is None:
        raise FrameError(
            frame=GRIDS.name,
            problem="a GeoPackage needs the grids' borders; hand them in",
            problem_zh="写 GeoPackage 需要网格边界",
        )
    check(grids, GRIDS)
    borders = grids.set_index("code").geometry
    with_days = table.assign(month=[f"{one:%Y-%m-%d}" for one in table["month"]])
    for level in sorted(table["level"].unique()):
        rows = with_days.loc[with_days["level"] == level]
        placed = gpd.GeoDataFrame(
            rows, geometry=rows["code"].map(borders).to_numpy(), crs=grids.crs
        )
        placed = placed.loc[placed.geometry.notna()]
        placed.to_file(out, layer=f"level_{level}", driver="GPKG", promote_to_multi=True)
    plain = explained.set_axis(["column", "meaning", "unit"], axis=1)
    pyogrio.write_dataframe(plain, out, layer="dictionary", driver="GPKG")
