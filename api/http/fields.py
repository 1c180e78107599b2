"""Which fields a body has and which parameters an operation, for those that sent another."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

# What other programs call the fields of ours.
_OTHER_NAMES = {
    "longitude": ("lon", "lng", "long", "x", "经度"),
    "latitude": ("lat", "y", "纬度"),
    "datum": ("crs", "srs", "srid", "epsg", "coordinate_system", "坐标系", "坐标基准"),
    "accuracy_m": ("accuracy", "precision", "精度"),
    "position": ("location", "point", "geom", "geometry", "coordinates", "coordinate", "坐标"),
    "external_id": ("id", "number", "external_number", "编号"),
    "reported_at": ("time", "timestamp", "date", "created_at", "at", "时间"),
    "category": ("kind", "type", "类别"),
    "description": ("text", "content", "remark", "描述"),
}
_OURS = {other: ours for ours, others in _OTHER_NAMES.items() for other in others}
# A body nests an object in an object, no deeper.
_DEPTH = 2


def fields_at(document: Mapping[str, Any], body: Any, place: Sequence[object]) -> list[str]:
    """List the fields of a place in a body, and below it with dots.

    Parameters
    ----------
    document : mapping
        OpenAPI.
    body : mapping
        The schema of the body.
    place : sequence of str or int
        Names of fields, indices of lists, and of a choice the word that it is made by.
    """
    schemas = document["components"]["schemas"]
    node = body
    for part in place:
        node = _below(schemas, node, part)
    return list(_paths(schemas, node, _DEPTH))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the name that was probably meant, with the path to it; None where none is like it."""
    written = name.strip().lower().replace("-", "_")
    leaves: dict[str, str] = {}
    for path in known:
        leaves.setdefault(path.rpartition(".")[2], path)
    meant = _OURS.get(written, written)
    if meant in leaves:
        return leaves[meant]
    close = get_close_matches(written, leaves, n=1, cutoff=0.7)
    return leaves[close[0]] if close else None


def _members(schemas: Mapping[str, Any], node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Follow references and choices to the schemas that a value may have."""
    if "$ref" in node:
        return _members(schemas, schemas[node["$ref"].rpartition("/")[2]])
    choices = node.get("anyOf", node.get("oneOf"))
    if choices is None:
        return [node]
    return [each for choice in choices for each in _members(schemas, choice)]


def _below(schemas: Mapping[str, Any], node: Mapping[str, Any], part: object) -> Mapping[str, Any]:
    mapping = node.get("discriminator", {}).get("mapping", {})
    if part in mapping:
        return {"$ref": mapping[part]}
    for member in _members(schemas, node):
        if isinstance(part, int) and "items" in member:
            return member["items"]  # type: ignore[no-any-return]
        if part in member.get("properties", {}):
            return member["properties"][part]  # type: ignore[no-any-return]
    return {}


def _paths(schemas: Mapping[str, Any], node: Mapping[str, Any], depth: int) -> Iterator[str]:
    if not depth:
        return
    names: dict[str, list[str]] = {}
    for member in _members(schemas, node):
        for name, below in member.get("properties", {}).items():
            names.setdefault(name, []).extend(_paths(schemas, below, depth - 1))
    yield from names
    for name, below in names.items():
        yield from (f"{name}.{each}" for each in below)
