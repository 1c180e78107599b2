"""The columns of a kind in a file: as the mapping says, else by their headings."""

from collections.abc import Iterable, Mapping

from geo.errors import InputError
from geo.files import headings as matching
from geo.files.headings import COORDINATES, fold
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


def known(kind: Kind, named: Iterable[str] = ()) -> frozenset[str]:
    """Give all folded headings that mean something for a kind, to find the row of headings by.

    Those that a mapping names mean something, too.
    """
    names = [name for column in kind.columns.values() for name in (column.name, *column.headings)]
    return frozenset(map(fold, [*names, *named]))


def match(
    there: Iterable[str],
    kind: Kind,
    mapping: Mapping[str, str] | None = None,
    *,
    file: str,
    has_geometry: bool = False,
    datum: str | None = None,
    cut_by: str = "ascii",
    private: frozenset[str] = frozenset(),
) -> dict[str, str]:
    """Find the heading of every canonical column.

    The mapping decides first, then what `geo.files.headings.match` finds.

    Parameters
    ----------
    there : iterable of str
        Headings of the file, in order.
    kind : Kind
    mapping : dict, optional
        Canonical column to heading, as `geo.intake.mapping.apply_mapping` found it.
    file : str
        What messages call the file.
    has_geometry : bool
        Whether the file carries geometries of its own; coordinate columns are then not looked for.
    datum : str, optional
        Of several headings that mean a coordinate, the one that names this datum is taken.
    cut_by : str
        The encoding of a Shapefile's text. Latin names stay cut in whatever is made of it.
    private : frozenset of str
        Headings that serve only columns that take personal numbers.

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
    """
    headings = list(map(str, there))
    at = {name: headings.index(heading) for name, heading in (mapping or {}).items()}
    sought = {
        column.name: column.headings
        for column in kind.columns.values()
        if column.name not in at and not (has_geometry and column.name in COORDINATES)
    }
    open_to = {name for name in sought if kind.columns[name].personal}
    own = {name: sought.pop(name) for name in sorted(open_to)}
    closed = [place for place, each in enumerate(headings) if each in private]
    made = matching.match(
        headings, sought, taken=[*at.values(), *closed], datum=datum, cut_by=cut_by
    )
    if own:
        taken = [*at.values(), *made.found.values()]
        told = matching.match(headings, own, taken=taken, cut_by=cut_by)
        made.found |= told.found
        made.twice |= told.twice
    for column, several in made.twice.items():
        listed = [headings[each] for each in several]
        raise AmbiguousColumnError(
            file=file,
            column=column,
            headings=", ".join(listed),
            line=f'{column} = "{listed[0]}"',
        )
    found = {name: headings[each] for name, each in (at | made.found).items()}
    shown = [each for each in headings if each not in private]
    _check_there(found, shown, kind, file, has_geometry=has_geometry)
    return _one_place(found)


def _one_place(found: dict[str, str]) -> dict[str, str]:
    """Take coordinates from one place only: two columns, else a column of pairs, else shapes."""
    ways = (("longitude", "latitude"), ("coordinate",), ("geometry",))
    taken = next((way for way in ways if all(name in found for name in way)), ())
    return {n: h for n, h in found.items() if n not in COORDINATES or n in taken}


def _check_there(
    found: dict[str, str], headings: list[str], kind: Kind, file: str, *, has_geometry: bool
) -> None:
    missing = [
        column.name
        for column in kind.columns.values()
        if column.required and column.name not in found and not column.is_told(found)
    ]
    placed = has_geometry or "geometry" in found or "coordinate" in found
    # An address will do where rows have one, and so will a building, or the compound it is in.
    addressed = kind.place == "grid" and bool({"address", "building_id", "compound"} & set(found))
    axes = [name for name in ("longitude", "latitude") if name in kind.columns]
    absent = [name for name in axes if name not in found]
    # One axis alone is of no use to any kind.
    needed = kind.place == "grid" and not addressed
    if not placed and absent and (needed or len(absent) < len(axes)):
        missing += absent
    if kind.place == "shape" and not placed:
        missing.append("geometry")
    if missing:
        free = [h for h in headings if h not in found.values()]
        raise ColumnsError(
            file=file,
            missing=", ".join(missing),
            there=", ".join(headings),
            lines="\n".join(f'{name} = "{" / ".join(free) or "…"}"' for name in missing),
        )
