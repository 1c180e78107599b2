"""Load a file: read, check, place, stage, merge. The caller commits, or does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.errors import EditionNotFoundError
from geo.files import tables
from geo.files.coordinates import SHIFTED, only
from geo.files.datums import GROUPS, check_datum, datum_in, datum_of_headings
from geo.files.headings import COORDINATES
from geo.files.limits import Limits
from geo.files.table import SHEET_HEADING, FileSource, Table, from_frame, with_sheets
from geo.files.values import as_text
from geo.intake import (
    addresses,
    categories,
    compared,
    datum_guess,
    defaults,
    facts,
    headings,
    homes,
    personal,
    places,
    posts,
    references,
    rejects,
    remarked,
    repository,
    rules,
    spans,
    stored,
    totals,
    unchanged,
    values,
    years,
)
from geo.intake import mapping as mappings
from geo.intake.model import (
    Kind,
    Mask,
    Progress,
    Remark,
    Summary,
    no_progress,
)
from geo.intake.problems import Problems
from geo.settings import Settings
from geo.territory import repository as territory
from geo.territory.index import GridIndex

# What a row that has its place already keeps, when a file gives no coordinates but an address.
PLACE_COLUMNS = frozenset({"geom", "grid_code", "match", "distance_m", "unplaced_reason"})
Source = Path | FileSource | Table | pd.DataFrame


def load(
    session: Session,
    kind: str,
    source: Source,
    *,
    settings: Settings,
    datum: str | None = None,
    mapping: Mapping[str, object] | mappings.Mapping | None = None,
    today: date | None = None,
    progress: Progress = no_progress,
) -> Summary:
    """Load the good rows of a file and say what is wrong with the others.

    The same file twice changes nothing: rows are known by their natural key. Of two rows of the
    same key in a file the first good one is taken. A column that the file lacks is left as it is
    in rows that are already there.

    Parameters
    ----------
    session : Session
        Its transaction takes everything; commit it, or roll it back for a dry run.
    kind : str
        One of `geo.intake.kinds.KINDS`.
    source : Path, FileSource, Table, DataFrame or GeoDataFrame
        The file, or its rows.
    settings : Settings
        `nearest_limit_m`, `max_file_mb`, `max_vertices`, `address_far_m`, `address_checks` and
        `language` count here.
    datum : {"cgcs2000", "wgs84", "gcj02", "bd09"}, optional
        Of coordinates; needed where the file states no CRS.
    mapping : dict or Mapping, optional
        Canonical column to the heading in the file, or to what else stands for it, see
        `geo.intake.mapping`.
    today : date, optional
        What counts as the future comes after; by default the day it is in the banner.
    progress : callable, optional
        Told the stages "read", "check", "copy" and "write".

    Returns
    -------
    Summary

    Raises
    ------
    KindError, FileRefusedError, ColumnsError, AmbiguousColumnError, MappingError,
    DatumUnnamedError, DatumContradictedError, DatumsMixedError, DatumError, CrsError
        If the file as a whole cannot be used; see the functions that raise them.
    EditionNotFoundError
        If things are to be given grids and none is published.
    """
    this = facts.kind(kind)
    wanted = mappings.checked_mapping(mapping, this)
    sent = _table(source, headings.known(this, wanted.headings), settings, progress, wanted)
    private = personal.personal_columns(sent.cells)
    personal.check_not_personal(wanted, this, private, file=sent.name)
    table, named, unmapped, used = mappings.apply_mapping(sent, wanted, this)
    matched = headings.match(
        table.cells.columns,
        this,
        named,
        file=table.name,
        has_geometry=table.geometry is not None,
        datum=datum,
        cut_by=table.cut_by,
        private=private,
    )
    datum, remarks = _datum(table, matched, datum)
    remarks += remarked.of_table(sent, used={*matched.values(), *used}, private=private)
    progress("check", 0, 1)
    problems = Problems(len(table.cells))
    day = today or datetime.now(ZoneInfo(values.SITE_TIMEZONE)).date()
    table = years.complete_years(table, this, matched, problems, year=wanted.year)
    read = rules.read_values(table, this, matched, problems, mapping=wanted, unmapped=unmapped)
    filled = defaults.fill(session, this, read, problems.bad, today=day)
    read |= filled.columns
    rules.check_dates(read, this, matched, problems, today=day)
    repository.take_turn(session)
    read |= _as_stored(session, this, read)
    resolved = references.resolve(session, this, read, matched, problems)
    read = resolved.read
    by_code, said = categories.read(session, this, read, matched, problems, mapping=wanted)
    read |= by_code
    remarks += said
    if this.table == "coverage_total":
        totals.check(read, matched, problems)
    if this.table == "post_term":
        read |= posts.read(session, read, problems)
    good = ~problems.bad
    given = None if this.place is None else places.read(table, matched, datum=datum)
    bare = given is None
    given = _place_at_home(session, this, given, resolved)
    done, kept = _place_by_address(session, this, read, given, settings, bare=bare)
    placed = _place(session, this, given, done, problems, settings=settings)
    addresses.keep(session, this, table, read, done, good)
    if given is not None and "address" in read and this.name in addresses.KINDS:
        far = compared.far(
            session,
            given,
            read["address"],
            table.places(np.arange(len(table.line))),
            good,
            settings=settings,
        )
        remarks += far
    progress("check", 1, 1)
    remarks += (*resolved.remarks, *_renumber(session, resolved, problems))
    frame = pd.concat([pd.DataFrame(read), placed], axis="columns")
    frame.insert(0, "position", np.arange(len(table.cells)))
    merged = _write(
        session,
        this,
        frame,
        table,
        matched,
        problems,
        keeps=repository.Keeps(kept, filled.lacking),
        progress=progress,
    )
    unchanged.take_back(
        session,
        this,
        frame,
        problems,
        given=given,
        by_address=None if done is None else done.answered,
        lacking=filled.lacking,
    )
    remarks += defaults.remarks(filled, problems.bad)
    unplaced: pd.Series = placed.get("unplaced_reason", pd.Series(index=placed.index, dtype=object))
    waiting = unplaced[~problems.bad].value_counts().sort_index()
    rejected = int(problems.bad.sum())
    return Summary(
        kind=this.name,
        file=table.name,
        read=len(frame),
        new=merged.new,
        changed=merged.changed,
        unchanged=len(frame) - rejected - merged.new - merged.changed,
        closed=merged.closed,
        rejected=problems.counts(),
        unplaced={str(code): int(count) for code, count in waiting.items()},
        headings=matched,
        rejects=rejects.frame(sent, problems, language=settings.language, private=private),
        encoding=table.encoding,
        datum=_named_datum(table, matched, datum),
        doubt=_doubt(session, this, given, datum, settings),
        remarks=remarks,
        sheets=table.sheets,
        passed=table.passed,
        keys=pd.DataFrame({name: read[name] for name in this.key if name in read}).assign(
            rejected=problems.bad
        ),
    )


def _renumber(
    session: Session, resolved: references.Resolved, problems: Problems
) -> tuple[Remark, ...]:
    """Give households whose number was made of their door the number that a file has for them."""
    pairs = dict(pair for at, pair in resolved.renumbered.items() if not problems.bad[at])
    stored.renumber(session, pairs)
    return (Remark("NUMBERS.replaced", {"count": len(pairs)}),) if pairs else ()


def _table(
    source: Source,
    known: frozenset[str],
    settings: Settings,
    progress: Progress,
    mapping: mappings.Mapping,
) -> Table:
    if isinstance(source, Table):
        return source
    if isinstance(source, pd.DataFrame):
        return from_frame(source, name=type(source).__name__)
    file = FileSource(source) if isinstance(source, Path) else source
    if mapping.sheet is not None and file.sheet is None and tables.has_sheets(file.path):
        file = replace(file, sheet=mapping.sheet)
    size = file.path.stat().st_size if file.path.is_file() else 0
    progress("read", 0, size)
    table = tables.read(file, known=known, limits=Limits.of(settings))
    progress("read", size, size)
    return with_sheets(table, always=SHEET_HEADING in mapping.headings)


def _datum(
    table: Table, matched: dict[str, str], named: str | None
) -> tuple[str | None, tuple[Remark, ...]]:
    """Give the datum to read by: the caller's, held against what the file says; else the file's."""
    if table.geometry is None:
        written = [matched[name] for name in COORDINATES if name in matched]
        said = datum_of_headings(written, named, file=table.name)
        shown = " / ".join(each for each in written if datum_in(each) is not None)
    else:
        shown = table.stated or str(table.geometry.crs)
        said = datum_in(shown) if table.stated else None
        if said in SHIFTED:
            check_datum(said, named, written=shown, file=table.name)
        elif named in SHIFTED and _says_crs(table):
            return named, (Remark("DATUM.overruled", {"written": shown, "datum": named}),)
        else:
            said = None  # geometries bring their CRS along
    if named is not None or said is None:
        return named, ()
    return said, (Remark("DATUM.stated", {"written": shown, "datum": said}),)


def _says_crs(table: Table) -> bool:
    """Tell whether a file states a CRS; of GeoJSON without the member it is what GDAL assumes."""
    if table.name.lower().endswith((".geojson", ".json")):
        return table.stated is not None
    return table.geometry is not None and table.geometry.crs is not None


def _as_stored(session: Session, kind: Kind, read: dict[str, pd.Series]) -> dict[str, pd.Series]:
    """Give the columns of codes in which a row means one that is stored in an older spelling."""
    made = {}
    for name, codes in read.items():
        column = kind.columns[name]
        table = column.references or (kind.table if name in kind.key else None)
        where = column.by if column.references else column.stored_as
        if column.type != "code" or table is None or where != "external_id":
            continue
        old = repository.old_spellings(session, table, where)
        if old:
            made[name] = codes.replace(old)
    return made


def _named_datum(table: Table, matched: dict[str, str], datum: str | None) -> str | None:
    if datum is not None and (table.geometry is not None or set(COORDINATES) & set(matched)):
        return datum
    if table.geometry is not None and table.geometry.crs is not None:
        return str(table.geometry.crs.to_string())
    return None


def _doubt(
    session: Session, kind: Kind, given: places.Given | None, datum: str | None, settings: Settings
) -> datum_guess.Guess | None:
    """Give what the coordinates themselves say of their datum, where they contradict its name."""
    if given is None or kind.place not in ("grid", "waits"):
        return None
    # A file that states its CRS is in none of the shifted datums, by its own account.
    named = datum or GROUPS[0][0]
    found = datum_guess.guess(
        given.x, given.y, repository.ground(session), odds=settings.datum_odds
    )
    return found if found.contradicts(named) and not found.exchanged else None


def _area(session: Session, kind: Kind) -> places.Area | None:
    outline = repository.banner(session)
    try:
        grids = territory.grids(session, level=2)
    except EditionNotFoundError:
        if kind.place in ("grid", "waits"):
            raise
        # Organisations may come before the territory; then only the banner's outline speaks.
        return None if outline is None else places.Area(None, outline.bounds, outline)
    west, south, east, north = grids.total_bounds if outline is None else outline.bounds
    return places.Area(GridIndex(grids), (west, south, east, north), outline)


def _place_at_home(
    session: Session, kind: Kind, given: places.Given | None, resolved: references.Resolved
) -> places.Given | None:
    """Place households without coordinates by their building or compound."""
    buildings = resolved.read.get("building_id")
    if kind.name != "households" or (buildings is None and resolved.compounds is None):
        return given
    numbers = resolved.read["external_id"]
    nowhere = pd.Series(None, index=numbers.index, dtype="str")
    there = addresses.nothing(len(numbers)) if given is None else given
    made, placed = homes.place(
        session,
        there,
        numbers,
        nowhere if buildings is None else buildings,
        nowhere if resolved.compounds is None else resolved.compounds,
    )
    if placed.any():
        said = Remark("PLACE.home", {"count": int(placed.sum())})
        resolved.remarks.append(said)
    return made if placed.any() else given


def _place_by_address(
    session: Session,
    kind: Kind,
    read: dict[str, pd.Series],
    given: places.Given | None,
    settings: Settings,
    *,
    bare: bool,
) -> tuple[addresses.Addressed | None, frozenset[str]]:
    """Place rows without coordinates; give too which columns rows that are there already keep.

    Those are of a file that is `bare` of coordinates.
    """
    where = addresses.wanted(kind, read, given)
    if where is None:
        waits = bare and kind.place == "waits"
        return None, frozenset({"unplaced_reason"} if waits else ())
    kept = PLACE_COLUMNS if bare else frozenset()
    there = given or addresses.nothing(len(where))
    return addresses.place(session, there, read["address"], where, settings=settings), kept


def _place(
    session: Session,
    kind: Kind,
    given: places.Given | None,
    done: addresses.Addressed | None,
    problems: Problems,
    *,
    settings: Settings,
) -> pd.DataFrame:
    """Give every row its geometry and grid: the columns to store."""
    count = len(problems.bad)
    given = given if done is None else done.given
    if given is None and kind.place == "grid":
        # A file of addresses all of which are blank: each row says that it has no place.
        given = addresses.nothing(count)
    if given is None:
        waits = {"unplaced_reason": ["COORDINATE.missing"] * count} if kind.place == "waits" else {}
        return pd.DataFrame(waits, index=range(count))
    area = _area(session, kind)
    found = places.check(given, kind, area, max_vertices=settings.max_vertices)
    if done is not None:
        found = [*done.findings, *_drop_answered(found, done.answered)]
    wrong = np.any([finding.where for finding in found], axis=0)
    given = replace(given, geometry=only(given.geometry, ~wrong))
    placed = pd.DataFrame(index=range(count))
    if kind.place in ("grid", "waits") and area is not None:
        placed, more = places.locate(given, area, limit_m=settings.nearest_limit_m)
        found += more
    elif area is not None:
        found.append(places.check_in_banner(given, area))
    if kind.place == "waits":
        placed["unplaced_reason"] = _first_reason(found, count)
    else:
        for finding in found:
            problems.add(finding.code, finding.where, **finding.values)
    shapes = places.multipolygons(given.geometry) if kind.place == "footprint" else given.geometry
    placed["geom"] = gpd.GeoSeries(shapes, crs=STORAGE_CRS)
    return placed


def _drop_answered(found: list[places.Finding], answered: Mask) -> list[places.Finding]:
    """Take back that a coordinate is missing where the address gave a point, or a better reason."""
    return [
        replace(each, where=each.where & ~answered) if each.code == "COORDINATE.missing" else each
        for each in found
    ]


def _first_reason(found: list[places.Finding], count: int) -> pd.Series:
    reasons = pd.Series(None, index=range(count), dtype=object)
    for finding in reversed(found):
        reasons[finding.where] = finding.code
    return reasons


def _write(
    session: Session,
    kind: Kind,
    frame: pd.DataFrame,
    table: Table,
    matched: dict[str, str],
    problems: Problems,
    *,
    keeps: repository.Keeps,
    progress: Progress,
) -> repository.Merged:
    good = frame[~problems.bad]
    if good.empty:
        return repository.Merged(new=0, changed=0)
    if "geom" in good:
        good = gpd.GeoDataFrame(good, geometry="geom", crs=STORAGE_CRS)
    resolved = repository.stage(session, kind, good, on_bytes=partial(progress, "copy"))
    progress("write", 0, 1)
    _note_unusable(repository.unusable(session, resolved), kind, table, matched, problems)
    if kind.span is None:
        merged = repository.merge(session, kind, resolved, keeps=keeps)
    else:
        _note_overlaps(spans.overlapping(session, kind, resolved), kind, problems)
        merged = spans.merge(session, kind, resolved)
    progress("write", 1, 1)
    return merged


def _note_unusable(
    rows: pd.DataFrame, kind: Kind, table: Table, matched: dict[str, str], problems: Problems
) -> None:
    if rows.empty:
        return
    position = rows["position"].to_numpy(dtype=np.int64)
    known_all = np.ones(len(rows), dtype=bool)
    for column in kind.columns.values():
        if column.references is None or column.name not in matched:
            continue
        known = rows[f"has_{column.name}"].to_numpy(dtype=bool)
        known_all &= known
        at = position[~known]
        heading = matched[column.name]
        cells = as_text(table.cells[heading].iloc[at]).reset_index(drop=True)
        code = f"{column.references.upper()}.unknown"
        problems.add_at(code, at, column=heading, value=cells, near="", near_en="")
    first_line = table.places(rows["twin"].to_numpy(dtype=np.int64)[known_all])
    problems.add_at("KEY.duplicate", position[known_all], first_line=first_line)


def _note_overlaps(rows: pd.DataFrame, kind: Kind, problems: Problems) -> None:
    said = rows[["other_from", "other_to"]].astype("str")
    problems.add_at(kind.overlap, rows["position"].to_numpy(dtype=np.int64), **said)
