"""Grids as GeoJSON: each written once for a territory, pages put together of what is written."""

import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy.orm import Session

from api.auth.principal import Principal, session_principal
from api.http.conditional import CachedBody
from api.parameters.parsers import Bbox
from api.resources.grids.schemas import GridProperties
from geo.territory import repository
from geo.territory.live import Snapshot

GEOJSON = "application/geo+json"
# Pages kept as they are sent, of one territory; past it the one asked for longest ago gives way.
PAGES_BYTES = 32 << 20

PROPERTIES = list(GridProperties.model_fields)

Positions = npt.NDArray[np.intp]


class Features:
    """The grids of a territory, written; safe to use from many threads.

    Parameters
    ----------
    grids : GeoDataFrame, shape (n,)
        Both levels, see `geo.frames.GRIDS`, EPSG:4490; any order.
    """

    def __init__(self, grids: gpd.GeoDataFrame) -> None:
        ordered = grids.sort_values("code")
        self._codes = ordered["code"].to_numpy(dtype=str)
        self._levels = ordered["level"].to_numpy()
        self._tree = shapely.STRtree(ordered.geometry.to_numpy())
        self._written = write_features(ordered)
        self._pages: OrderedDict[str, CachedBody] = OrderedDict()
        self._lock = threading.Lock()

    def one(self, code: str) -> bytes | None:
        """Give the grid of a code, written; None where there is none."""
        at = int(np.searchsorted(self._codes, code))
        found = at < len(self._codes) and self._codes[at] == code
        return self._written[at] if found else None

    def matching(self, *, level: int | None = None, bbox: Bbox | None = None) -> Positions:
        """Give the positions of the grids of a level, or of both, that touch a box, by code."""
        if bbox is None:
            found: Positions = np.arange(len(self._codes))
        else:
            found = np.sort(self._tree.query(shapely.box(*bbox), predicate="intersects"))
        return found if level is None else found[self._levels[found] == level]

    def after(self, positions: Positions, code: str | None) -> Positions:
        """Give those of some positions, ascending, whose code sorts after `code`."""
        if code is None:
            return positions
        return positions[np.searchsorted(self._codes[positions], code, side="right") :]

    def code(self, position: int) -> str:
        """Give the code of a position."""
        return str(self._codes[position])

    def collection(self, positions: Positions, members: dict[str, Any]) -> bytes:
        """Write a FeatureCollection of some positions, with further members before them."""
        head = json.dumps(members, ensure_ascii=False, separators=(",", ":"))[1:-1].encode()
        features = b",".join([self._written[at] for at in positions.tolist()])
        return b'{"type":"FeatureCollection",%b,"features":[%b]}' % (head, features)

    def page(self, address: str, make: Callable[[], bytes]) -> CachedBody:
        """Give the page of an address as it was sent before, made where it never was."""
        with self._lock:
            page = self._pages.get(address)
            if page is not None:
                self._pages.move_to_end(address)
                return page
        page = CachedBody(make(), media_type=GEOJSON)
        with self._lock:
            self._pages[address] = page
            size = sum(each.size for each in self._pages.values())
            while size > PAGES_BYTES:
                size -= self._pages.popitem(last=False)[1].size
        return page


class FeatureCache:
    """The features of every territory that is held, by who asks; they go when it goes."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Snapshot, dict[Principal, Features]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def get(self, session: Session, territory: Snapshot) -> Features:
        """Give the features of a territory, read and written where they never were.

        Parameters
        ----------
        session : Session
        territory : Snapshot

        Returns
        -------
        Features
        """
        principal = session_principal(session)
        features = self._kept.get(territory, {}).get(principal)
        if features is None:
            with self._lock:
                known = self._kept.setdefault(territory, {})
                features = known.get(principal)
                if features is None:
                    day, edition = territory.valid_from, territory.edition.id
                    features = Features(repository.grids(session, at=day, edition=edition))
                    known[principal] = features
        return features


def write_features(frame: gpd.GeoDataFrame) -> list[bytes]:
    """Write each row as a GeoJSON feature.

    Rings turn as RFC 7946 3.1.6 asks: the outer one counter-clockwise.

    Parameters
    ----------
    frame : GeoDataFrame, shape (n,)
        See `geo.frames.GRIDS`, EPSG:4490.

    Returns
    -------
    list of bytes, length n
        In the order of `frame`.
    """
    geometry = shapely.to_geojson(shapely.orient_polygons(frame.geometry.to_numpy()))
    properties = frame[PROPERTIES].to_json(orient="records", lines=True, force_ascii=False)
    return [
        f'{{"type":"Feature","id":"{code}","geometry":{shape},"properties":{row}}}'.encode()
        for code, shape, row in zip(frame["code"], geometry, properties.splitlines(), strict=True)
    ]
