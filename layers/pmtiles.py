"""One archive of vector tiles in the PMTiles format, version 3, made of tiles that are there.

GDAL's own PMTiles writer takes one layer a file through pyogrio; a map wants several in one tile.
Tiles of several layers are those of each, one after the other (a field that repeats, in protocol
buffers), so that GDAL cuts and this file only packs.

References
----------
PMTiles specification, version 3, https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

import gzip
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Tile = tuple[int, int, int]  # zoom, column, row from the north

HEADER_BYTES = 127
# What a reader fetches first: the header and the root directory must lie in it.
FIRST_BYTES = 16_384
LEAF_ENTRIES = 4096
GZIP, MVT = 2, 1


@dataclass(frozen=True)
class _Entry:
    tile: int
    offset: int
    length: int
    run: int


def tile_number(zoom: int, column: int, row: int) -> int:
    """Give a tile's number: all coarser zooms first, then its place on the Hilbert curve.

    Parameters
    ----------
    zoom, column, row : int
        Rows count from the north.

    Returns
    -------
    int
    """
    number: int = (4**zoom - 1) // 3
    x, y, side = column, row, 1 << (zoom - 1) if zoom else 0
    while side:
        right, lower = int(x & side > 0), int(y & side > 0)
        number += side * side * ((3 * right) ^ lower)
        if not lower:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        side >>= 1
    return number


def archive(
    tiles: Mapping[Tile, bytes],
    *,
    bounds: tuple[float, float, float, float],
    metadata: dict[str, Any],
) -> bytes:
    """Pack tiles.

    The same tiles give the same bytes, in whatever order they come; tiles that are alike, as of
    open ground, are kept once.

    Parameters
    ----------
    tiles : mapping
        Of (zoom, column, row) to an uncompressed vector tile; at least one.
    bounds : tuple of float
        West, south, east, north, in degrees.
    metadata : dict
        As TileJSON has it: `vector_layers` and the like.

    Returns
    -------
    bytes
    """
    ordered = sorted((tile_number(*tile), body) for tile, body in tiles.items())
    entries: list[_Entry] = []
    places: dict[bytes, tuple[int, int]] = {}
    data = bytearray()
    for number, body in ordered:
        if body not in places:
            packed = gzip.compress(body, 9, mtime=0)
            places[body] = len(data), len(packed)
            data += packed
        offset, length = places[body]
        last = entries[-1] if entries else None
        if last and last.offset == offset and last.tile + last.run == number:
            entries[-1] = _Entry(last.tile, offset, length, last.run + 1)
        else:
            entries.append(_Entry(number, offset, length, 1))
    root, leaves = _directories(entries)
    about = gzip.compress(json.dumps(metadata, ensure_ascii=False).encode(), 9, mtime=0)
    zooms = [zoom for zoom, _, _ in tiles]
    head = _header(
        sizes=(len(root), len(about), len(leaves), len(data)),
        counts=(len(ordered), len(entries), len(places)),
        zooms=(min(zooms), max(zooms)),
        bounds=bounds,
    )
    return head + root + about + leaves + bytes(data)


def _directories(entries: list[_Entry]) -> tuple[bytes, bytes]:
    """Give the root directory and what it leads to, where it alone would be too large."""
    root, leaves, each = _directory(entries), b"", LEAF_ENTRIES
    while HEADER_BYTES + len(root) > FIRST_BYTES:
        leaves, links = b"", []
        for first in range(0, len(entries), each):
            part = entries[first : first + each]
            packed = _directory(part)
            links.append(_Entry(part[0].tile, len(leaves), len(packed), 0))
            leaves += packed
        root = _directory(links)
        each *= 2
    return root, leaves


def _directory(entries: list[_Entry]) -> bytes:
    said = bytearray(_varint(len(entries)))
    steps = [0, *(entry.tile for entry in entries)]
    columns = [
        [later - earlier for earlier, later in pairwise(steps)],
        [entry.run for entry in entries],
        [entry.length for entry in entries],
    ]
    # An offset right behind the entry before is written as 0, any other one higher than it is.
    offsets = []
    for before, entry in zip([None, *entries], entries, strict=False):
        follows = before is not None and entry.offset == before.offset + before.length
        offsets.append(0 if follows else entry.offset + 1)
    for column in (*columns, offsets):
        for number in column:
            said += _varint(number)
    return gzip.compress(bytes(said), 9, mtime=0)


def _varint(number: int) -> bytes:
    said = bytearray()
    while number > 0x7F:  # noqa: PLR2004 - seven bits a byte
        said.append(number & 0x7F | 0x80)
        number >>= 7
    said.append(number)
    return bytes(said)


def _header(
    *,
    sizes: tuple[int, int, int, int],
    counts: tuple[int, int, int],
    zooms: tuple[int, int],
    bounds: tuple[float, float, float, float],
) -> bytes:
    spans, at = [], HEADER_BYTES
    for size in sizes:
        spans += [at, size]
        at += size
    corners = [round(degree * 1e7) for degree in bounds]
    west, south, east, north = corners
    return struct.pack(
        "<7sB8Q3Q6B4iB2i",
        b"PMTiles",
        3,
        *spans,
        *counts,
        1,  # clustered: the data lie in the order of the tiles
        GZIP,
        GZIP,
        MVT,
        *zooms,
        *corners,
        zooms[0],
        (west + east) // 2,
        (south + north) // 2,
    )
