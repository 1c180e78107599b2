"""The files of a folder, each as one table or as several."""

from collections.abc import Callable
from pathlib import Path

from geo.errors import FileRefusedError
from geo.files import tables
from geo.files.content import content_of
from geo.files.headings import fold
from geo.files.limits import Limits
from geo.files.table import FileSource
from geo.files.vector import reading as vector
from geo.intake import facts
from geo.intake.folder.model import Part, Say, Unread
from geo.intake.kinds import KINDS
from geo.territory.files import headings as boundary_headings

# Files that belong to another one.
_BESIDE = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".shp.xml")
_OURS = (".toml", ".rejects.csv")
Progress = Callable[[str], None]


def known_headings() -> frozenset[str]:
    """Give all folded headings that mean something for some kind."""
    names = [
        name
        for kind in KINDS
        for column in facts.kind(kind).columns.values()
        for name in (column.name, *column.headings)
    ]
    for kind in ("communities", "compounds", "divisions"):
        names += [name for column, usual in boundary_headings(kind).items() for name in usual]
    return frozenset(map(fold, names))


def read_folder(
    folder: Path, *, limits: Limits, encodings: dict[str, str], tell: Progress
) -> tuple[list[Part], list[Unread]]:
    """Read every file of a folder that can be read.

    Parameters
    ----------
    folder : Path
    limits : Limits
    encodings : dict of str to str
        File name to the encoding that somebody named.
    tell : callable
        Told the name of each file.

    Returns
    -------
    tuple of list of Part and list of Unread
        By the names of the files; parts of a Shapefile and files of ours are in neither.

    Raises
    ------
    FileRefusedError
        If the folder is not there.
    """
    if not folder.is_dir():
        raise FileRefusedError(
            file=str(folder),
            problem="there is no such folder; check the path",
            problem_zh="文件夹不存在，请检查路径",
        )
    known = known_headings()
    parts: list[Part] = []
    unread: list[Unread] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")) or path.name.lower().endswith(_OURS):
            continue
        if _belongs_to_another(path):
            continue
        if path.is_dir():
            unread.append(Unread(path.name, _FOLDER))
            continue
        if path.suffix.lower() not in tables.ENDINGS and not _has_content(path):
            unread.append(Unread(path.name, _NO_TABLE))
            continue
        tell(path.name)
        try:
            parts += _parts(path, known, limits, encodings.get(path.name))
        except FileRefusedError as error:
            unread.append(Unread(path.name, Say(error.message("zh"), error.message("en"))))
    return parts, unread


_FOLDER = Say("是文件夹，不读取其中的文件", "it is a folder; what is in it is not looked at")
_NO_TABLE = Say(
    "不是表格或边界文件；压缩包请先解压",
    "it is no table and no boundary file; unpack archives first",
)


def _belongs_to_another(path: Path) -> bool:
    if not path.name.lower().endswith(_BESIDE):
        return False
    stem = path.name[: path.name.index(".")] if path.suffix == ".xml" else path.stem
    return any((path.with_name(stem + ending)).is_file() for ending in (".shp", ".SHP", ".Shp"))


def _has_content(path: Path) -> bool:
    """Tell whether a file without a known ending is a workbook or a database all the same."""
    try:
        return path.stat().st_size > 0 and content_of(path) in ("workbook", "parquet", "geopackage")
    except (FileRefusedError, OSError):
        return False


def _parts(path: Path, known: frozenset[str], limits: Limits, encoding: str | None) -> list[Part]:
    content = None if path.suffix.lower() == ".shp" else content_of(path)
    if content == "geopackage":
        names = [layer.name for layer in vector.layers(path, ending=".gpkg")]
        if len(names) > 1:
            return [
                Part(path, name, tables.read(FileSource(path, name, encoding), known=known))
                for name in names
            ]
    first = tables.read(FileSource(path, None, encoding), known=known, limits=limits)
    if content not in ("workbook", "markup"):
        return [Part(path, None, first)]
    # Sheets with other headings are lists of their own.
    others = []
    for passed in first.passed:
        if passed.why not in ("with other headings", "without these headings"):
            continue
        table = tables.read(FileSource(path, passed.sheet, encoding), known=known, limits=limits)
        others.append(Part(path, passed.sheet, table))
    if not others:
        return [Part(path, None, first)]
    name = next(iter(first.sheets)) if len(first.sheets) == 1 else None
    return [Part(path, name, first), *others]
