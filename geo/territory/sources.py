"""The files of a territory: how each is to be read, and all of them as one set of boundaries."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd

from geo.settings import Settings
from geo.territory import divisions
from geo.territory.files import has_heading, headings, of_level, read_polygons, rename_columns
from geo.territory.service import Boundaries, silent

OPTIONS = ("crs", "datum", "encoding", "layer")
# Files that an option without a name is not for: they are not of the same source.
_ONLY_BY_NAME = {"datum": ("outline", "within"), "layer": ("outline", "within")}


@dataclass(frozen=True)
class Reading:
    """What was said of files, by option and by the file's name (None: all).

    Parameters
    ----------
    given : dict
        Option (one of `OPTIONS`) to what it is for each file.
    columns : tuple
        The file (None: whichever has such a column), the column, its heading.
    """

    given: dict[str, dict[str | None, str]] = field(default_factory=dict)
    columns: tuple[tuple[str | None, str, str], ...] = ()

    def of(self, file: str) -> dict[str, Any]:
        """Give what `read_polygons` takes for one of the files."""
        how: dict[str, Any] = {"insist": file in self.given.get("crs", {})}
        for option in OPTIONS:
            named = self.given.get(option, {})
            common = None if file in _ONLY_BY_NAME.get(option, ()) else named.get(None)
            how[option] = named.get(file, common)
        return how


@dataclass(frozen=True)
class Sources:
    """The files of a territory: both levels; the divisions above and the outline where known."""

    communities: Path
    compounds: Path
    divisions: Path | None = None
    outline: Path | None = None


def read(
    path: Path,
    file: str,
    reading: Reading,
    settings: Settings,
    *,
    say: Callable[[str, str], None] = silent,
) -> gpd.GeoDataFrame:
    """Read one of the files as its options say; say its notes.

    Parameters
    ----------
    path : Path
    file : str
        By which `reading` knows it.
    reading : Reading
    settings : Settings
    say : callable, optional
        Told each note, in Chinese and English.

    Returns
    -------
    GeoDataFrame
        See `geo.territory.files.read_polygons`.

    Raises
    ------
    BannerGridError
        As `read_polygons` does.
    """
    frame = read_polygons(path, settings=settings, **reading.of(file))
    for note in frame.attrs["notes"]:
        say(note.zh, note.en)
    return frame


def read_boundaries(
    sources: Sources,
    reading: Reading,
    *,
    settings: Settings,
    say: Callable[[str, str], None] = silent,
    **allowed: Any,
) -> Boundaries:
    """Read the files of a territory.

    Parameters
    ----------
    sources : Sources
    reading : Reading
        Knows the files as "communities", "compounds", "divisions" and "outline".
    settings : Settings
    say : callable, optional
        Told the notes of each file.
    **allowed
        What else `Boundaries` takes: what may be done to them.

    Returns
    -------
    Boundaries

    Raises
    ------
    BannerGridError
        As `geo.territory.files.read_polygons`, `rename_columns` and `geo.territory.divisions.read`
        do.
    """
    frames = {
        "communities": of_level(
            read(sources.communities, "communities", reading, settings, say=say), 1
        ),
        "compounds": of_level(read(sources.compounds, "compounds", reading, settings, say=say), 2),
    }
    columns = columns_of(reading, frames)
    both: dict[str, Any] = {
        name: rename_columns(frame, name, columns[name]) for name, frame in frames.items()
    }
    around = names = None
    if sources.outline is not None:
        around = read(sources.outline, "outline", reading, settings, say=say)
    if sources.divisions is not None:
        names = divisions.read(
            sources.divisions,
            around,
            settings=settings,
            encoding=reading.given.get("encoding", {}).get("divisions"),
            columns={
                column: heading for file, column, heading in reading.columns if file == "divisions"
            },
        )
    return Boundaries(**both, divisions=names, outline=around, **allowed)


def columns_of(reading: Reading, frames: dict[str, gpd.GeoDataFrame]) -> dict[str, dict[str, str]]:
    """Give each file its columns: those named for it, and those that it has of the others.

    Raises
    ------
    FrameError
        If a heading that is for any file is in none.
    """
    chosen: dict[str, dict[str, str]] = {file: {} for file in frames}
    for file, column, heading in reading.columns:
        takes = [file] if file in frames else []
        if file is None:
            knowing = [each for each in frames if column in headings(each)]
            takes = [each for each in knowing if has_heading(frames[each], heading)]
            if not takes:
                first = (knowing or list(frames))[0]
                rename_columns(frames[first], first, {column: heading})  # says what is wrong
        for each in takes:
            chosen[each][column] = heading
    return chosen
