"""The mapping file of a folder: what somebody says of each file, of each kind, of the territory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from geo.errors import InputError
from geo.files.own_toml import read_toml
from geo.intake import facts
from geo.intake.folder.model import ROLES
from geo.intake.kinds import KINDS

FILE_KEYS = ("kind", "skip", "datum", "crs", "encoding", "columns")
TERRITORY_KEYS = (
    "title",
    "attribution",
    "valid_from",
    "mend",
    "gap_width_m",
    "leave_holes",
    "synthetic",
)
NAMES = ("映射.toml", "mapping.toml")


class FolderMappingError(InputError):
    """The mapping file of a folder says what cannot be followed."""

    code = "intake.folder_mapping_invalid"
    zh = "映射文件 {file}：{problem_zh}"
    en = "Mapping file {file}: {problem}"


@dataclass(frozen=True)
class Said:
    """What a mapping file says.

    Parameters
    ----------
    files : dict
        Key of a part (`file` or `file!layer`) to what is said of it, see `FILE_KEYS`.
    kinds : dict
        Kind to the lines for all files of it, as `load --mapping` takes them.
    territory : dict
        See `TERRITORY_KEYS`.
    """

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)
    territory: dict[str, Any] = field(default_factory=dict)

    def of(self, key: str) -> dict[str, Any]:
        """Give what is said of a part; of a file what is said of all its parts."""
        whole = self.files.get(key.partition("!")[0], {})
        return {**whole, **self.files.get(key, {})}

    def lines(self, kind: str, key: str) -> dict[str, Any]:
        """Give the lines of a part's columns: its own overrule those of its kind."""
        return {**self.kinds.get(kind, {}), **self.of(key).get("columns", {})}

    @property
    def encodings(self) -> dict[str, str]:
        """Give the encodings that are named, by file."""
        return {
            key.partition("!")[0]: str(each["encoding"])
            for key, each in self.files.items()
            if "encoding" in each
        }


def read(path: Path) -> Said:
    """Read the mapping file of a folder.

    Parameters
    ----------
    path : Path
        TOML: `[file."name"]` of a file, `[kind]` of all files of a kind, `[territory]`.

    Returns
    -------
    Said

    Raises
    ------
    FolderMappingError
        If it is not TOML in UTF-8, or says what is not known.
    """
    data = read_toml(path, partial(_wrong, path))
    common = {name: each for name, each in data.items() if not isinstance(each, dict)}
    kinds = {
        name.replace("-", "_"): each
        for name, each in data.items()
        if isinstance(each, dict) and name not in ("file", "territory")
    }
    for name in kinds:
        _check_known(path, name, ROLES, where="")
    files = data.get("file", {})
    if not isinstance(files, dict) or not all(isinstance(each, dict) for each in files.values()):
        raise _wrong(path, 'files are tables: [file."a.csv"]', '文件应写成表：[file."住户.csv"]')
    for key, each in files.items():
        for name in each:
            _check_known(path, name, FILE_KEYS, where=f'[file."{key}"]')
        if "kind" in each:
            _check_known(path, str(each["kind"]), ROLES, where=f'[file."{key}"] kind')
    territory = data.get("territory", {})
    for name in territory:
        _check_known(path, name, TERRITORY_KEYS, where="[territory]")
    for kind in KINDS:
        own = {name: line for name, line in common.items() if name in facts.kind(kind).columns}
        if own:
            kinds[kind] = {**own, **kinds.get(kind, {})}
    return Said(files, kinds, territory)


def _check_known(path: Path, name: str, known: tuple[str, ...], *, where: str) -> None:
    if name not in known:
        listed = ", ".join(known)
        raise _wrong(
            path,
            f"{where} {name!r} is not known; there are: {listed}".strip(),
            f"{where}“{name}”不认识，可写：{listed}",
        )


def _wrong(path: Path, problem: str, problem_zh: str) -> FolderMappingError:
    return FolderMappingError(file=path.name, problem=problem, problem_zh=problem_zh)


def toml(value: object) -> str:
    """Write a value as TOML does.

    Examples
    --------
    >>> toml({"join": ["小区", "楼号"], "between": "-"})
    '{ join = ["小区", "楼号"], between = "-" }'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key_of(str(name))} = {toml(each)}" for name, each in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    text = "".join(each if each >= " " else f"\\u{ord(each):04x}" for each in text)
    return f'"{text}"'


def key_of(name: str) -> str:
    """Write a key as TOML does: bare where it may be."""
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else toml(name)
