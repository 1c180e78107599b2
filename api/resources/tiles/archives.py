"""Archives of vector tiles: made once, kept in files, named for what they hold.

An archive's name carries its edition and the hash of its content and of whom it was made for, so
that what stands under a name never changes; an edition published later, or a building loaded anew,
has another name.
"""

import hashlib
import json
import re
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sqlalchemy.orm import Session

from api.auth.principal import Principal, session_principal
from geo.db import versions
from geo.errors import GoneError
from geo.files.atomic import atomic_file
from geo.territory import ground, repository
from geo.territory.live import Snapshot
from layers.tiles import tilesets

NAME = re.compile(r"[0-9]{1,10}-[0-9a-f]{16}")
# How many archives stay: of editions that a page opened earlier still shows, or compares with.
KEPT = 12


class TilesGoneError(GoneError):
    """An archive that was made once, or never, and is not kept."""

    code = "tiles.gone"
    zh = "地图瓦片 {name} 已不再保留。请重新打开页面，或从 /v1/tiles 取得当前地址。"
    en = (
        "The tiles {name} are kept no longer; open the page anew, or ask /v1/tiles for the address."
    )


@dataclass(frozen=True)
class Tileset:
    """An archive by name, and what its tiles cannot tell: the places that a map jumps to."""

    name: str
    places: list[dict[str, Any]]


class Tilesets:
    """Keeps archives in a folder; safe for threads, and for processes that share the folder.

    A context manager: it serves while it is entered.

    Parameters
    ----------
    folder : Path, optional
        Where none is named, one of its own, removed at the end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._named = folder
        self._own = ExitStack()
        self._making = threading.Lock()
        self._known: dict[str, Tileset] = {}

    def __enter__(self) -> Self:
        made = self._named or self._own.enter_context(
            tempfile.TemporaryDirectory(prefix="bannergrid-tiles-")
        )
        self._folder = Path(made)
        return self

    def __exit__(self, *_: object) -> None:
        self._own.close()

    @property
    def lasting(self) -> bool:
        """Whether archives outlive this process."""
        return self._named is not None

    def get(self, session: Session, territory: Snapshot) -> Tileset:
        """Give the archive of a territory, made first where it is not there.

        Parameters
        ----------
        session : Session
        territory : Snapshot

        Returns
        -------
        Tileset
        """
        key = _key(session_principal(session), territory, versions.mark(session, "ground"))
        known = self._find(key)
        if known is None:
            # Whoever asks for what is there already does not wait while another one is cut.
            with self._making:
                known = self._find(key) or self._make(session, territory, key)
        self._known[key] = known
        return known

    def path(self, name: str) -> Path:
        """Give the file of an archive.

        Raises
        ------
        TilesGoneError
            If there is none of that name.
        """
        if NAME.fullmatch(name) is None or not self._path(name).is_file():
            raise TilesGoneError(name=name[:40])
        return self._path(name)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.pmtiles"

    def _find(self, key: str) -> Tileset | None:
        known = self._known.get(key) or self._read(key)
        return known if known is not None and self._path(known.name).is_file() else None

    def _read(self, key: str) -> Tileset | None:
        try:
            entry = json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8"))
            return Tileset(name=entry["name"], places=entry["places"])
        except (OSError, ValueError, KeyError):
            return None

    def _make(self, session: Session, territory: Snapshot, key: str) -> Tileset:
        edition = territory.edition
        grids = repository.grids(session, at=territory.valid_from, edition=edition.id)
        divisions = ground.divisions(session)
        outline = repository.outline(session)
        archive = tilesets.cut(
            tilesets.layers_of(
                grids,
                outline=outline,
                divisions=divisions,
                buildings=ground.buildings(session),
                places=ground.landmarks(session, dimension=2),
                streets=ground.landmarks(session, dimension=1),
            )
        )
        # Of nobody else's archive, whatever it holds: whoever has the name may read the file.
        whose = session_principal(session).mark.encode()
        name = f"{edition.id}-{hashlib.sha256(whose + archive).hexdigest()[:16]}"
        made = Tileset(name=name, places=tilesets.boxes(grids, divisions, outline))
        entry = json.dumps({"name": made.name, "places": made.places}, ensure_ascii=False)
        _write(self._path(name), archive)
        _write(self._folder / f"{key}.json", entry.encode())
        self._tidy()
        return made

    def _tidy(self) -> None:
        for pattern in ("*.pmtiles", "*.json"):
            there = [(each.stat().st_mtime, each) for each in self._folder.glob(pattern)]
            for _, old in sorted(there)[:-KEPT]:
                old.unlink(missing_ok=True)


def _key(principal: Principal, territory: Snapshot, mark: str) -> str:
    edition = territory.edition
    of_edition = (edition.id, edition.published_at, territory.valid_from)
    parts = (tilesets.FORMAT, principal.mark, *of_edition, mark)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _write(path: Path, body: bytes) -> None:
    """Let the file appear whole: others read the folder meanwhile."""
    with atomic_file(path) as half:
        half.write_bytes(body)


def folder_beside(indexes: Path | None) -> Path | None:
    """Give the folder of archives beside that of indexes, made where missing; None where none is.

    Parameters
    ----------
    indexes : Path or None
        As `geo.territory.saved.folder` gives it.
    """
    if indexes is None:
        return None
    made = indexes.parent / "tiles"
    try:
        made.mkdir(exist_ok=True)
    except OSError:
        return None
    return made
