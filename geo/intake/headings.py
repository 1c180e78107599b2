"""The columns of a kind in a file: as the mapping says, else by their headings."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from geo.errors import InputError
from geo.files import headings as matching
from geo.files.headings import COORDINATES, fold, positions
from geo.intake.model import Kind


class ColumnsError(InputError):
    """A file lacks columns that its kind must have."""

    code = "intake.columns_missing"
    zh = (
        "{file}：找不到列 {missing}。文件中的列：{there}。"
        "请写一个映射文件并用 --mapping 指定，内容如下（等号右边换成您的表头）：\n{lines}"
    )
    en = (
        "{file}: no column was found for {missing}. The file has: {there}. "
        "Write a mapping file and name it with --mapping, with these lines "
        "(your heading on the right):\n{lines}"
    )


class AmbiguousColumnError(InputError):
    """More than one heading could be the same column."""

    code = "intake.column_ambiguous"
    zh = "{file}：列 {column} 可能是其中任一：{headings}。请在映射文件（--mapping）中写明：{line}"
    en = (
        "{file}: column {column} could be any of: {headings}. Say which in a mapping file "
        "(--mapping): {line}"
    )


class MappingError(InputError):
    """A mapping file says what cannot be followed."""

    code = "intake.mapping_invalid"
    zh = "映射文件：{problem_zh}"
    en = "Mapping file: {problem}"


def known(kind: Kind, mapping: Mapping[str, str] | None = None) -> frozenset[str]:
    """Give all folded headings that mean something for a kind, to find the row of headings by."""
    names = [name for column in kind.columns.values() for name in (column.name, *column.headings)]
    return frozenset(map(fold, [*names, *(mapping or {}).values()]))


def read_mapping(path: Path, kind: Kind) -> dict[str, str]:
    """Read a mapping file: TOML with one line `canonical = "their heading"` a column.

    One file may serve several kinds: a table named as the kind, `[households]`, overrules the
    lines outside any table.

    Parameters
    ----------
    path : Path
    kind : Kind

    Returns
    -------
    dict
        Canonical column to heading.

    Raises
    ------
    MappingError
        If the file is not TOML in UTF-8, or names a column that the kind does not have.
    """
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingError(
            problem=f"{path.name} cannot be read ({error}); it must be TOML in UTF-8",
            problem_zh=f"{path.name} 无法读取（{error}），应为 UTF-8 编码的 TOML 文件",
        ) from error
    own = data.get(kind.name, {})
    lines = {key: value for key, value in data.items() if not isinstance(value, dict)}
    return checked_mapping({**lines, **own}, kind)


def checked_mapping(mapping: Mapping[str, object], kind: Kind) -> dict[str, str]:
    """Hold a mapping against the columns of a kind.

    Raises
    ------
    MappingError
        If it names a column that the kind does not have, or maps one to something not a text.
    """
    for name, heading in mapping.items():
        if name not in kind.columns:
            listed = ", ".join(kind.columns)
            raise MappingError(
                problem=f"{kind.en} have no column {name!r}; there are: {listed}",
                problem_zh=f"{kind.zh}没有“{name}”这一列，可用的列：{listed}",
            )
        if not isinstance(heading, str):
            raise MappingError(
                problem=f"{name} must be a heading in quotes, not {heading!r}",
                problem_zh=f"{name} 的值应为带引号的表头，而不是 {heading!r}",
            )
    return {name: str(heading) for name, heading in mapping.items()}


def match(
    there: Iterable[str],
    kind: Kind,
    mapping: Mapping[str, str] | None = None,
    *,
    file: str,
    has_geometry: bool = False,
    datum: str | None = None,
    cut_by: str = "ascii",
) -> dict[str, str]:
    """Find the heading of every canonical column.

    The mapping decides first, then what `geo.files.headings.match` finds.

    Parameters
    ----------
    there : iterable of str
        Headings of the file, in order.
    kind : Kind
    mapping : dict, optional
        Canonical column to heading.
    file : str
        What messages call the file.
    has_geometry : bool
        Whether the file carries geometries of its own; coordinate columns are then not looked for.
    datum : str, optional
        Of several headings that mean a coordinate, the one that names this datum is taken.
    cut_by : str
        The encoding of a Shapefile's text. Latin names stay cut in whatever is made of it.

    Returns
    -------
    dict
        Canonical column to heading, for the columns that are there.

    Raises
    ------
    ColumnsError
        If a required column is not found, or no coordinate where there must be one.
    AmbiguousColumnError
        If a heading that means a column stands there twice.
    MappingError
        If the mapping names a heading that is not there.
    """
    headings = list(map(str, there))
    at = _mapped(headings, checked_mapping(mapping or {}, kind), file)
    sought = {
        column.name: column.headings
        for column in kind.columns.values()
        if column.name not in at and not (has_geometry and column.name in COORDINATES)
    }
    made = matching.match(headings, sought, taken=list(at.values()), datum=datum, cut_by=cut_by)
    for column, several in made.twice.items():
        listed = [headings[each] for each in several]
        raise AmbiguousColumnError(
            file=file,
            column=column,
            headings=", ".join(listed),
            line=f'{column} = "{listed[0]}"',
        )
    found = {name: headings[each] for name, each in (at | made.found).items()}
    _check_there(found, headings, kind, file, has_geometry=has_geometry)
    return _one_place(found)


def _one_place(found: dict[str, str]) -> dict[str, str]:
    """Take coordinates from one place only: two columns, else a column of pairs, else shapes."""
    ways = (("longitude", "latitude"), ("coordinate",), ("geometry",))
    taken = next((way for way in ways if all(name in found for name in way)), ())
    return {n: h for n, h in found.items() if n not in COORDINATES or n in taken}


def _mapped(headings: list[str], mapping: dict[str, str], file: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, wanted in mapping.items():
        same = positions(headings, wanted)
        if len(same) != 1:
            listed = ", ".join(headings)
            raise MappingError(
                problem=f"{name} is mapped to {wanted!r}, which stands {len(same)} times in "
                f"{file}; the file has: {listed}",
                problem_zh=f"{name} 映射到“{wanted}”，但该表头在 {file} 中出现 {len(same)} 次；"
                f"文件中的列：{listed}",
            )
        found[name] = same[0]
    return found


def _check_there(
    found: dict[str, str], headings: list[str], kind: Kind, file: str, *, has_geometry: bool
) -> None:
    missing = [c.name for c in kind.columns.values() if c.required and c.name not in found]
    placed = has_geometry or "geometry" in found or "coordinate" in found
    # An address will do where rows have one: it is read as well as it can be.
    addressed = kind.place == "grid" and "address" in found
    axes = [name for name in ("longitude", "latitude") if name in kind.columns]
    absent = [name for name in axes if name not in found]
    # One axis alone is of no use to any kind.
    needed = kind.place == "grid" and not addressed
    if not placed and absent and (needed or len(absent) < len(axes)):
        missing += absent
    if kind.place in ("footprint", "shape") and not placed:
        missing.append("geometry")
    if missing:
        free = [h for h in headings if h not in found.values()]
        raise ColumnsError(
            file=file,
            missing=", ".join(missing),
            there=", ".join(headings),
            lines="\n".join(f'{name} = "{" / ".join(free) or "…"}"' for name in missing),
        )
