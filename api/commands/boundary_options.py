"""How boundary files are to be read: options for all files of a command, or for one by its name.

--crs EPSG:4528                       for every file that states none itself
--crs compounds=EPSG:4528             for that file, and nothing else
--column external_id=BH               for every file that has such a column and such a heading
--column compounds.external_id=BH     for that file
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands.language import text

if TYPE_CHECKING:
    import geopandas as gpd

    from geo.settings import Settings
    from geo.territory.coordinates import Note
    from geo.territory.sources import Reading

DATUMS = ("cgcs2000", "wgs84", "gcj02", "bd09")


def reading_options(*files: str) -> Callable[[Any], Any]:
    """Add `--crs`, `--datum`, `--encoding`, `--layer`, `--column`; the command gets a `reading`.

    Parameters
    ----------
    *files : str
        How the command calls its files, in its options.
    """
    listed = "|".join(files)
    helps = {
        "crs": ("文件未注明时的坐标参考系，如 EPSG:4527", "CRS where the file states none"),
        "datum": (
            f"经纬度的坐标基准：{'、'.join(DATUMS)}（高德 gcj02，百度 bd09）",
            f"Datum of the degrees: {', '.join(DATUMS)}",
        ),
        "encoding": ("Shapefile 或 CSV 的文字编码", "Encoding of a Shapefile's or CSV's text"),
        "layer": ("多图层文件中要读取的图层", "Layer of a file with several"),
        "column": (
            "列名对应，如 name=SQMC 或 compounds.external_id=BH",
            "A column's heading, as name=SQMC",
        ),
    }

    def add(command: Any) -> Any:
        @wraps(command)
        def with_reading(*arguments: Any, **values: Any) -> Any:
            reading = _parsed({name: values.pop(name) for name in helps}, files)
            return command(*arguments, reading=reading, **values)

        wrapped: Any = with_reading
        for name, (zh, en) in helps.items():
            by_file = text(f"；可写 {listed}={name.upper()}，可多次", f"; {listed}=… for one file")
            option = click.option(f"--{name}", name, multiple=True, help=text(zh, en) + by_file)
            wrapped = option(wrapped)
        return wrapped

    return add


def _parsed(values: dict[str, tuple[str, ...]], files: tuple[str, ...]) -> "Reading":
    from geo.territory.sources import OPTIONS, Reading

    given: dict[str, dict[str | None, str]] = {}
    for option in OPTIONS:
        for one in values[option]:
            name, equals, rest = one.partition("=")
            file, value = (name, rest) if equals and name in files else (None, one)
            if option == "datum" and value not in DATUMS:
                raise click.BadParameter(
                    text(
                        f"“{value}”不是 {'、'.join(DATUMS)} 之一", f"{value!r} is none of {DATUMS}"
                    ),
                    param_hint="--datum",
                )
            if file in given.setdefault(option, {}):
                raise click.BadParameter(
                    text(
                        f"给了两次：{value}；只用于一个文件时请写 {'|'.join(files)}={value}",
                        f"{value} is a second one; for one file write {'|'.join(files)}={value}",
                    ),
                    param_hint=f"--{option}",
                )
            given[option][file] = value
    return Reading(given, tuple(_column(pair, files) for pair in values["column"]))


def _column(pair: str, files: tuple[str, ...]) -> tuple[str | None, str, str]:
    column, equals, heading = pair.partition("=")
    if not equals:
        example = "code=SQDM"
        raise click.BadParameter(
            text(f"“{pair}”应写作 列名=文件中的列名，例如 {example}", f"{pair!r}: {example}")
        )
    file, dot, name = column.partition(".")
    return (file, name, heading) if dot and file in files else (None, column, heading)


def read(
    path: Path,
    file: str,
    reading: "Reading",
    settings: "Settings",
    notes: "list[Note] | None" = None,
) -> "gpd.GeoDataFrame":
    """Read one of a command's files as its options say; say its notes on the error stream."""
    from geo.territory import sources

    frame = sources.read(path, file, reading, settings, say=say_below)
    if notes is not None:
        notes += frame.attrs["notes"]
    return frame


def say_below(zh: str, en: str) -> None:
    """Say a step or a note on the error stream, set in."""
    click.echo("  " + text(zh, en), err=True)
