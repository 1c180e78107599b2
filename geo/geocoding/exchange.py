"""The gazetteer as a folder of CSV files, out and in again."""

import codecs
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from geo.errors import FileRefusedError, InputError
from geo.files.atomic import scratch_folder
from geo.files.content import content_of
from geo.files.decoding import text_of
from geo.files.guards import write_csv
from geo.geocoding import aliases
from geo.geocoding.repository import Places
from geo.text import SHEET_ERROR, one_name, plain, unguarded, visible

ALIAS_COLUMNS = ("target_kind", "target_id", "alias", "kind", "source")
ALIAS_KINDS = ("alias", "abbreviation", "former", "popular", "misspelling")
LONGEST_ALIAS = 100
_KEYS = {"towns": "code"}
_CODES = ("code", "external_id", "target_kind", "target_id", "kind", "source")


class GazetteerRowError(InputError):
    """A row of a gazetteer file names a place that is not there, or is no alias."""

    code = "gazetteer.row"
    zh = "{file} 第 {line} 行：{problem_zh}。没有导入任何内容。"
    en = "{file}, line {line}: {problem}. Nothing was imported."


def export(places: Places, folder: Path, *, marks: Mapping[str, Any]) -> dict[str, int]:
    """Write the gazetteer as CSV files, one a table, in UTF-8 with a mark, so Excel shows Chinese.

    Households are written without who lives there: number, building, unit, room and grid.

    Parameters
    ----------
    places : Places
    folder : Path
        Made where it is not there; files of the same names are replaced.
    marks : mapping
        What each row says of its edition, and whether it is synthetic; see
        `geo.territory.files.provenance_columns`. `import_` reads past it.

    Returns
    -------
    dict of str to int
        Table to rows.

    Raises
    ------
    FileRefusedError
        If the system does not let us write there.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(folder) as half:
            for name, frame in places.tables().items():
                write_csv(frame.assign(**marks), half / f"{name}.csv")
            folder.mkdir(exist_ok=True)
            for each in half.iterdir():
                each.replace(folder / each.name)
    except OSError as error:
        raise FileRefusedError(
            file=str(folder),
            problem=f"it cannot be written ({error.strerror}); name another folder",
            problem_zh=f"无法写入（{error.strerror}），请换一个文件夹",
        ) from error
    return {name: len(frame) for name, frame in places.tables().items()}


def import_(session: Session, source: Path, places: Places, *, actor: str) -> dict[str, int]:
    """Read names back: `aliases.csv`, and the column `aliases` of the other files.

    Places themselves come by `bannergrid territory load` and `bannergrid load`; buildings and
    households in the folder are left alone. All is imported or nothing.

    Parameters
    ----------
    session : Session
        The caller commits.
    source : Path
        A folder as `export` writes it, or one of its files.
    places : Places
        What is there, to hold the files against.
    actor : str
        Who answers for the aliases.

    Returns
    -------
    dict of str to int
        File to what changed; only files that were there.

    Raises
    ------
    FileRefusedError
        If there is no such file or folder, none of its files can be imported, or one is not CSV.
    GazetteerRowError
        If a row names a place that is not there, or what is no alias.
    """
    files = {path.stem: path for path in _found(source)}
    done = {}
    for name in aliases.NAMED_TABLES:
        if name in files:
            rows = _names(files[name], name, getattr(places, name))
            done[files[name].name] = aliases.put_names(session, name, rows)
    if "aliases" in files:
        rows = _aliases(files["aliases"], places)
        done[files["aliases"].name] = aliases.put(session, rows, actor=one_name(actor))
    return done


def _found(source: Path) -> list[Path]:
    wanted = (*aliases.NAMED_TABLES, "aliases")
    there = sorted(source.glob("*.csv")) if source.is_dir() else [source]
    usable = [path for path in there if path.stem in wanted and path.is_file()]
    if not usable:
        listed = " ".join(f"{name}.csv" for name in wanted)
        raise FileRefusedError(
            file=str(source),
            problem=f"there is none of the files that can be imported: {listed}",
            problem_zh=f"其中没有可导入的文件：{listed}",
        )
    return usable


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a CSV as text, in UTF-8 or as Excel saves it in China."""
    body = path.read_bytes()
    marked = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    # Only in UTF-16 a byte of a text is zero.
    if body and (content_of(path) != "text" or (b"\x00" in body and not marked)):
        raise FileRefusedError(
            file=path.name,
            problem="it is no CSV, whatever it is called; save it as CSV in UTF-8",
            problem_zh="不是 CSV（与扩展名无关），请另存为 UTF-8 编码的 CSV",
        )
    try:
        frame = pd.read_csv(io.StringIO(text_of(path)), dtype="str", keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise FileRefusedError(
            file=path.name,
            problem=f"it is not CSV ({error}); export it anew",
            problem_zh=f"不是 CSV（{error}），请重新导出",
        ) from error
    frame.columns = [plain(str(name)) for name in frame.columns]
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        listed = ", ".join(missing)
        raise FileRefusedError(
            file=path.name,
            problem=f"it lacks the columns {listed}",
            problem_zh=f"缺少列 {listed}",
        )
    for name in columns:
        broken = frame[name].str.contains(SHEET_ERROR).astype(bool)
        said = name + " is " + frame[name].str.strip()
        _refuse(
            path,
            broken,
            said + ", an error of the spreadsheet; mend it there",
            name + " 是表格的错误值 " + frame[name].str.strip() + "，请在原表中改正",
        )
    cleaned = {name: plain if name in _CODES else _written for name in frame.columns}
    return pd.DataFrame({name: frame[name].map(how) for name, how in cleaned.items()}, dtype="str")


def _written(text: str) -> str:
    return unguarded(visible(text))


def _refuse(path: Path, bad: pd.Series, problem: pd.Series, problem_zh: pd.Series) -> None:
    """Raise for the first bad row; rows are counted as lines, the headings are line 1."""
    if bad.any():
        at = int(bad.to_numpy().argmax())
        raise GazetteerRowError(
            file=path.name,
            line=at + 2,
            problem=problem.iloc[at],
            problem_zh=problem_zh.iloc[at],
        )


def _names(path: Path, table: str, there: pd.DataFrame) -> pd.DataFrame:
    key = _KEYS.get(table, "external_id")
    frame = _read(path, (key, "aliases"))
    unknown = ~frame[key].isin(there[key])
    said = frame[key]
    _refuse(path, unknown, "there is no " + key + " " + said, "没有编号为“" + said + "”的地点")
    _refuse(path, frame[key].duplicated(), said + " stands there twice", said + " 出现两次")
    names = frame["aliases"].map(lambda each: filter(None, map(one_name, each.split("|"))))
    clean = names.map("|".join).astype("str")
    return pd.DataFrame({"key": frame[key], "aliases": clean})


def _aliases(path: Path, places: Places) -> pd.DataFrame:
    frame = _read(path, ALIAS_COLUMNS)[list(ALIAS_COLUMNS)]
    frame["alias"] = frame["alias"].map(one_name).astype("str")
    frame["kind"] = frame["kind"].where(frame["kind"] != "", "alias")
    frame["source"] = frame["source"].where(frame["source"] != "", "import")
    target = frame["target_kind"] + " " + frame["target_id"]
    unknown = ~target.isin(_targets(places))
    _refuse(path, unknown, "there is no " + target, "没有这个地点：" + target)
    length = frame["alias"].str.len()
    wrong = (length == 0) | (length > LONGEST_ALIAS) | frame["alias"].str.contains("|", regex=False)
    said = frame["alias"].str[:40]
    limits = f" is no alias: 1 to {LONGEST_ALIAS} characters, one in a row"
    _refuse(
        path, wrong, said + limits, said + f" 不能作别名：应为 1 至 {LONGEST_ALIAS} 字，每行一个"
    )
    kinds = " / ".join(ALIAS_KINDS)
    odd = ~frame["kind"].isin(ALIAS_KINDS)
    _refuse(
        path, odd, frame["kind"] + f" is none of {kinds}", frame["kind"] + f" 应为 {kinds} 之一"
    )
    return frame.drop_duplicates(["target_kind", "target_id", "alias"])


def _targets(places: Places) -> set[str]:
    keys = {
        "town": places.towns["code"],
        "community": places.communities["code"],
        "compound": places.compounds["external_id"],
        "building": places.buildings["external_id"],
        "landmark": places.landmarks["external_id"],
        "organisation": places.organisations["external_id"],
    }
    return {f"{kind} {each}" for kind, ids in keys.items() for each in ids}
