"""Indexes kept in files: made once, mapped by every process that starts later."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from geo.settings import Settings
from geo.territory.flatfile import IndexFileError
from geo.territory.index import GridIndex

# A draft that nobody finished in this time was left by a process that died.
ABANDONED_S = 3600.0

_log = logging.getLogger(__name__)


def folder(settings: Settings) -> Path | None:
    """Give the folder for saved indexes, made where it is missing.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    Path or None
        None where the site has no data folder: its database is a server of its own, and no folder
        was named or made.
    """
    if settings.database_url is not None and "data" not in settings.model_fields_set:
        return None
    if not settings.data.is_dir():
        return None
    made = settings.data / "indexes"
    try:
        made.mkdir(exist_ok=True)
    except OSError:
        _log.warning("indexes cannot be kept in %s", made, exc_info=True)
        return None
    return made


def index(path: Path, build: Callable[[], GridIndex]) -> GridIndex:
    """Map the index in a file, built and saved first where it is missing or damaged.

    Other indexes beside it, and drafts that were left, are removed: whoever has one mapped keeps
    it until he lets go. Processes may do this at once; each finds a whole file or none.

    Parameters
    ----------
    path : Path
        Named for what it holds: a file of that name is taken for it.
    build : callable
        Makes the index.

    Returns
    -------
    GridIndex
        Mapped from the file, or as built where it cannot be saved.
    """
    try:
        return GridIndex.open(path)
    except IndexFileError:
        built = build()
    try:
        built.save(path)
        mapped = GridIndex.open(path)
    except IndexFileError:
        _log.warning("the index is not saved", exc_info=True)
        return built
    _tidy(path)
    return mapped


def _tidy(path: Path) -> None:
    left_s = time.time() - ABANDONED_S
    try:
        for old in path.parent.glob("grids-*.index"):
            if old != path:
                old.unlink(missing_ok=True)
        for draft in path.parent.glob(".grids-*"):
            if draft.stat().st_mtime < left_s:
                draft.unlink(missing_ok=True)
    except OSError:
        _log.warning("old indexes are not removed", exc_info=True)
