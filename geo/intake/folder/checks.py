"""What two files of a folder say together, and what is to be asked before it is loaded."""

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import axes_swapped, in_china, to_storage
from geo.errors import BannerGridError
from geo.files.datums import datum_in
from geo.files.headings import COORDINATES, fold
from geo.files.table import Table, with_sheets
from geo.files.values import as_text
from geo.intake import datum_guess, facts, headings, mapping, places
from geo.intake.folder.model import Entry, Question, Say
from geo.intake.folder.said import Said, toml
from geo.intake.kinds import KINDS
from geo.intake.personal import is_personal_heading
from geo.settings import Settings
from geo.territory.files import read_polygons

# Two lists that have this share of the smaller one's rows in common are one list.
SAME_ROWS = 0.8
# So many to one on a datum, and it is proposed; a load that nobody was asked about wants more.
PROPOSED_ODDS = 100.0
_COMPARED = 4
_SHARED_VALUES = 0.05
_FORMS = {
    "outline": Say("县界（外轮廓）", "outline of the county"),
    "divisions": Say("区划（县、街道、乡镇的代码和名称）", "divisions: codes and names"),
    "communities": Say("社区边界", "boundaries of communities"),
    "compounds": Say("小区边界", "boundaries of compounds"),
    "towns": Say("街道、乡镇边界（不载入）", "boundaries of towns, which are not loaded"),
}
_NO_DIVISIONS = Say(
    "没有区划表：县和街道、乡镇不会有名称。请给一个有 代码、级别、名称 三列的表"
    "（例如 330523,县,安吉县）",
    "no divisions: the county and its towns go without names; add a table of code, kind, name "
    "(such as 330523,县,安吉县)",
)
_NO_TERRITORY = Say(
    "没有社区边界和小区边界：沿用数据库中已有的网格",
    "no boundaries of communities and compounds: those in the database stay as they are",
)
_NO_PLACES = Say(
    "住户没有坐标：按楼栋、小区或地址定位",
    "households have no coordinates: they are placed by building, compound or address",
)


def called(kind: str) -> Say:
    """Give a kind's name in both languages."""
    if kind in _FORMS:
        return _FORMS[kind]
    if kind not in KINDS:
        return Say("其他", "something else")
    known = facts.kind(kind)
    return Say(known.zh, known.en)


def settle_doubles(entries: list[Entry], said: Said) -> tuple[list[Entry], list[Question]]:
    """Propose to skip a list whose rows another one has too: the one that says more is loaded."""
    made = list(entries)
    questions = []
    lists = [at for at, each in enumerate(made) if each.kind in KINDS and not each.skip]
    for one, other in itertools.combinations(lists, 2):
        if made[one].kind != made[other].kind or made[one].skip or made[other].skip:
            continue
        share = _share_in_common(made[one].part.table, made[other].part.table)
        if share < SAME_ROWS:
            continue
        less, more = sorted((one, other), key=lambda at: _says(made[at]))
        keys = made[less].part.key, made[more].part.key
        if "skip" in said.of(keys[0]) or "skip" in said.of(keys[1]):
            continue
        why = Say(
            f"与 {keys[1]} 是同一份名单（{share:.0%} 的行相同），后者列更全，只载入后者",
            f"the same list as {keys[1]} ({share:.0%} of the rows), which says more and is loaded",
        )
        made[less] = replace(made[less], skip=True, why=(*made[less].why, why))
        questions.append(
            Question(
                Say(
                    f"{keys[0]} 与 {keys[1]} 是同一份名单，载入哪一个？",
                    f"{keys[0]} and {keys[1]} are one list; which is to be loaded?",
                ),
                f"[file.{toml(keys[0])}]\nskip = true\n[file.{toml(keys[1])}]\nskip = false",
                answered=True,
            )
        )
    return made, questions


def _says(entry: Entry) -> tuple[bool, bool, int]:
    placed = entry.part.table.geometry is not None or bool(set(COORDINATES) & set(entry.columns))
    return placed, "external_id" in entry.columns, len(entry.columns)


def _share_in_common(one: Table, other: Table) -> float:
    """Give which share of the shorter table's rows stands in the longer one, by shared columns."""
    first, second = _comparable(one), _comparable(other)
    shared = [name for name in first.columns if name in second.columns]
    kept = []
    for name in shared:
        a, b = set(first[name].dropna()), set(second[name].dropna())
        if len(a) > 1 and len(a & b) > _SHARED_VALUES * min(len(a), len(b)):
            kept.append((len(a), name))
    names = [name for _, name in sorted(kept, reverse=True)[:_COMPARED]]
    if len(names) < 2:  # noqa: PLR2004 - one column alone says nothing
        return 0.0
    told = [each[names].dropna() for each in (first, second)]
    rows = [set(map(tuple, each.to_numpy())) for each in told]
    # What many rows share (so many residents, such a day) does not tell one from another.
    if any(len(some) < SAME_ROWS * len(each) for some, each in zip(rows, told, strict=True)):
        return 0.0
    least = min(map(len, rows))
    return len(rows[0] & rows[1]) / least if least else 0.0


def _comparable(table: Table) -> pd.DataFrame:
    made = {}
    for heading in map(str, table.cells.columns):
        if fold(heading) in ("", "?") or is_personal_heading(heading) or fold(heading) in made:
            continue
        text = as_text(table.cells[heading])
        count = pd.to_numeric(text, errors="coerce")
        # Running numbers say nothing.
        if count.notna().all() and count.diff().dropna().isin([1.0]).mean() > SAME_ROWS:
            continue
        made[fold(heading)] = text
    return pd.DataFrame(made)


def settle_coordinates(
    entries: list[Entry], *, datum: str | None, settings: Settings
) -> tuple[list[Entry], list[Question]]:
    """Read the boundaries that are to be loaded, and say in which datum lists of points are."""
    made, questions = [], []
    ground = None
    for entry in entries:
        if entry.kind in ("communities", "compounds", "outline") and not entry.skip:
            frame, asked = _polygons(entry, settings)
            questions += asked
            if entry.kind == "compounds" and frame is not None:
                ground = frame
    for entry in (_set_right(each, ground) for each in entries):
        plain = entry.kind in KINDS and not entry.skip and _plain_coordinates(entry)
        if not plain or "datum" in entry.how:
            made.append(entry)
        elif datum is not None:
            made.append(replace(entry, how={**entry.how, "datum": datum}))
        else:
            settled, question = _with_datum(entry, ground)
            made.append(settled)
            questions += [question] if question is not None else []
    return made, questions


def _polygons(entry: Entry, settings: Settings) -> tuple[np.ndarray | None, list[Question]]:
    part, how = entry.part, entry.how
    try:
        frame = read_polygons(
            part.path,
            settings=settings,
            layer=part.layer,
            crs=how.get("crs"),
            datum=how.get("datum"),
            encoding=how.get("encoding"),
        )
        stored = to_storage(frame, datum=frame.attrs["datum"])
    except BannerGridError as error:
        ask = Say(f"{part.key}：{error.message('zh')}", f"{part.key}: {error.message('en')}")
        return None, [
            Question(ask, f'[file.{toml(part.key)}]\ncrs = "EPSG:…"    # datum = "gcj02"')
        ]
    return stored.geometry.to_numpy(), []


def _set_right(entry: Entry, ground: np.ndarray | None) -> Entry:
    """Let longitude and latitude change places where a whole list has the one for the other."""
    x, y = (entry.columns.get(name) for name in ("longitude", "latitude"))
    if entry.kind not in KINDS or entry.skip or not isinstance(x, str) or not isinstance(y, str):
        return entry
    if {"longitude", "latitude"} & set(entry.said):
        return entry
    try:
        taken = {"longitude": x, "latitude": y}
        given = places.read(entry.part.table, taken, datum=entry.how.get("datum", "cgcs2000"))
    except BannerGridError:
        return entry
    if given is None:
        return entry
    site = None if ground is None else tuple(gpd.GeoSeries(list(ground)).total_bounds)
    there = np.isfinite(given.x) & np.isfinite(given.y)
    swapped = axes_swapped(given.x[there], given.y[there], site=site)
    if not len(swapped) or np.mean(swapped) < SAME_ROWS:
        return entry
    why = Say(
        f"“{x}”列中是纬度，“{y}”列中是经度，已对调",
        f"{x!r} holds latitudes and {y!r} longitudes: they change places",
    )
    return replace(
        entry,
        columns={**entry.columns, "longitude": y, "latitude": x},
        proposed=entry.proposed | {"longitude", "latitude"},
        why=(*entry.why, why),
    )


def _plain_coordinates(entry: Entry) -> bool:
    """Tell whether a list has coordinates in cells, and no heading says their datum."""
    if entry.part.table.geometry is not None:
        return False
    written = [str(entry.columns[name]) for name in COORDINATES if name in entry.columns]
    return bool(written) and not any(datum_in(each) for each in written)


def _with_datum(entry: Entry, ground: np.ndarray | None) -> tuple[Entry, Question | None]:
    """Say the datum of a list's coordinates as far as it can be told, and what is to be asked."""
    key = entry.part.key
    ask = Say(
        f"{key} 中的坐标没有写明坐标基准",
        f"{key} does not say in which datum its coordinates are",
    )
    unknown = Question(ask, f'[file.{toml(key)}]\ndatum = "gcj02"    # wgs84 | cgcs2000 | bd09')
    taken = {n: str(h) for n, h in entry.columns.items() if n in COORDINATES}
    try:
        given = places.read(entry.part.table, taken, datum="cgcs2000")
    except BannerGridError:
        return entry, unknown
    if given is None:
        return entry, unknown
    there = np.isfinite(given.x) & np.isfinite(given.y)
    if there.any() and not in_china(given.x[there], given.y[there]).any():
        # Nothing is shifted there.
        return replace(entry, how={**entry.how, "datum": "wgs84"}), None
    if ground is None:
        return entry, unknown
    nothing = np.array([], dtype=object)
    found = datum_guess.guess(
        given.x, given.y, datum_guess.Ground(ground, nothing), odds=PROPOSED_ODDS
    )
    if found.datum == datum_guess.UNDECIDED:
        return entry, unknown
    best = found.standings[0]
    why = Say(
        f"坐标按 {found.datum} 有 {best.in_compounds:.0%} 落在小区内，应为该基准",
        f"as {found.datum} {best.in_compounds:.0%} of its points lie in compounds",
    )
    settled = replace(entry, how={**entry.how, "datum": found.datum}, why=(*entry.why, why))
    return settled, Question(ask, f"[file.{toml(key)}]\ndatum = {toml(found.datum)}", answered=True)


def ask_columns(entries: list[Entry]) -> list[Question]:
    """Ask for the columns without which a list cannot be loaded."""
    questions = []
    for entry in entries:
        if entry.skip or entry.kind not in KINDS:
            if not entry.skip and entry.kind is not None:
                questions += _confirm(entry)
            continue
        part, kind = entry.part, facts.kind(entry.kind)
        try:
            wanted = mapping.checked_mapping(entry.lines, kind)
            applied = mapping.apply_mapping(with_sheets(part.table), wanted, kind)
            headings.match(
                applied.table.cells.columns,
                kind,
                applied.headings,
                file=part.key,
                has_geometry=part.table.geometry is not None,
                datum=entry.how.get("datum"),
                cut_by=part.table.cut_by,
            )
        except BannerGridError as error:
            lines = str(error.values.get("lines") or error.values.get("line") or "")
            absent = error.values.get("missing")
            ask = Say(error.message("zh"), error.message("en"))
            if absent is not None:
                ask = Say(
                    f"{part.key}（{kind.zh}）找不到列 {absent}（暂不载入该文件时写 skip = true）",
                    f"{part.key} ({kind.en}): no column was found for {absent} (skip = true "
                    "leaves the file out)",
                )
            questions.append(Question(ask, f"[file.{toml(part.key)}.columns]\n{lines}"))
        questions += _confirm(entry)
    return questions


def _shown(line: object) -> str:
    return line if isinstance(line, str) else toml(line)


def _confirm(entry: Entry) -> list[Question]:
    """Ask whether columns are right that only sound like ours."""
    if not entry.proposed:
        return []
    key, names = entry.part.key, sorted(entry.proposed)
    listed = "、".join(f"{_shown(entry.columns[name])} → {name}" for name in names)
    lines = "\n".join(f"{name} = {toml(entry.columns[name])}" for name in names)
    return [
        Question(
            Say(f"{key} 的这些列是否正确：{listed}", f"{key}: are these columns right: {listed}"),
            f"[file.{toml(key)}.columns]\n{lines}",
            answered=True,
        )
    ]


def missing(entries: list[Entry]) -> list[Say]:
    """Say what a folder does not hold, and what follows from that."""
    there = {each.kind for each in entries if not each.skip}
    said = []
    both = {"communities", "compounds"}
    if not there & both:
        said.append(_NO_TERRITORY)
    elif not both <= there:
        other = called(next(iter(both - there)))
        said.append(
            Say(
                f"没有{other.zh}：没有它就不能划分网格",
                f"no {other.en}: without it no grids can be made",
            )
        )
    if there & both and "divisions" not in there:
        said.append(_NO_DIVISIONS)
    households = [each for each in entries if each.kind == "households" and not each.skip]
    if households and not any(_says(each)[0] for each in households):
        said.append(_NO_PLACES)
    usual = ("households", "visits", "pairings", "cadres", "organisations")
    lacking = [called(kind) for kind in usual if kind not in there]
    if lacking:
        listed_zh = "、".join(each.zh for each in lacking)
        listed = ", ".join(each.en for each in lacking)
        said.append(
            Say(
                f"没有{listed_zh}（以前载入过的不必再给）",
                f"no {listed} (what was loaded before need not be given again)",
            )
        )
    return said
