"""Questions of a file -> the columns that stand beside its rows: grid, department, and why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.codes import COMMUNITY_DIGITS, TOWN_DIGITS
from geo.files import parquet
from geo.geocoding import service
from geo.geocoding.service import Loaded
from geo.routing import questions
from geo.routing.batch_options import BatchColumns, BatchOptions, Mask
from geo.routing.model import Candidate
from geo.routing.questions import Questions
from geo.routing.router import Router
from geo.settings import Settings

# Candidates that are named; those that follow are summed.
NAMED = 3
CANDIDATES = pa.list_(pa.struct([("grid_code", pa.string()), ("probability", pa.float64())]))
_FIELDS = {
    "grid_code": pa.string(),
    "community_code": pa.string(),
    "town_code": pa.string(),
    "match": pa.string(),
    "distance_m": pa.float64(),
    "rule": pa.string(),
    "department": pa.string(),
    "department_name": pa.string(),
    "limit_h": pa.float64(),
    "candidates": CANDIDATES,
    "edition": pa.int32(),
    "rule_set": pa.int32(),
    "problem": pa.string(),
    "synthetic": pa.bool_(),
    "attribution": pa.string(),
}
GEOMETRY = "geometry"
# The answer and how many of its rows have a problem.
Answer = tuple[pa.Table, int]


@dataclass(frozen=True)
class Gazetteer:
    """What addresses are read with, today.

    Parameters
    ----------
    loaded : Loaded
    settings : Settings
        See `geo.geocoding.service.with_acceptance`.
    """

    loaded: Loaded
    settings: Settings


@dataclass(frozen=True)
class State:
    """What answers the chunks of a file.

    Parameters
    ----------
    routers : mapping of date to Router
        For each day that is asked about; a day that is not there has no territory.
    options : BatchOptions
    today : date
    gazetteer : Gazetteer, optional
        Needed where a column of addresses is.
    points : bool
        A column of points is added, as a GeoParquet file has one.
    """

    routers: Mapping[date, Router]
    options: BatchOptions
    today: date
    gazetteer: Gazetteer | None = None
    points: bool = False


def columns_of(*, accuracy: bool, points: bool = False) -> tuple[str, ...]:
    """Give the names of the answer's columns.

    Parameters
    ----------
    accuracy : bool
        Rows state their accuracy: there are candidates.
    points : bool
        See `State`.
    """
    ours = tuple(name for name in _FIELDS if accuracy or name != "candidates")
    return (*ours, GEOMETRY) if points else ours


def answer(state: State, given: BatchColumns) -> Answer:
    """Answer a chunk.

    Parameters
    ----------
    state : State
    given : BatchColumns, n rows

    Returns
    -------
    tuple of Table, shape (n, k), and int
        `columns_of`, row for row, and how many rows have a problem. What is not known is missing.
    """
    asked = questions.read(given, state.options)
    found = _Found(given.count)
    for router, rows in _by_router(state, asked):
        found.put(rows, _routed(router, asked, rows, state))
    count = int(asked.problems.bad.sum())
    problem = pd.Series(None, index=range(given.count), dtype="str")
    if count:
        told = asked.problems.frame(state.options.language, questions.sentence)["explanation"]
        problem[told.index] = told
    columns = found.columns | {"problem": problem} | _marks(state, given.count)
    names = columns_of(accuracy=asked.accuracy_m is not None)
    schema = pa.schema([(name, _FIELDS[name]) for name in names])
    made = [pa.array(columns[name], _FIELDS[name], from_pandas=True) for name in names]
    table = pa.Table.from_arrays(made, schema=schema)
    if state.points:
        column, told_of_it = parquet.points_of(asked.x, asked.y)
        table = table.append_column(GEOMETRY, column)
        table = table.replace_schema_metadata({parquet.GEO: told_of_it})
    return table, count


def _marks(state: State, count: int) -> dict[str, Any]:
    """Say of every row, routed or not, whose territory it is and whether it is made up."""
    edition = next((router.edition for router in state.routers.values()), None)
    if edition is None:
        return {name: [None] * count for name in ("edition", "synthetic", "attribution")}
    return {
        "edition": np.full(count, edition.id),
        "synthetic": np.full(count, edition.synthetic),
        "attribution": np.full(count, edition.attribution, dtype=object),
    }


class _Found:
    """Columns of the answer, filled router by router."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._whole: dict[str, Any] | None = None
        self._parts: dict[str, npt.NDArray[np.object_]] = {}

    def put(self, rows: Mask | None, found: dict[str, Any]) -> None:
        """Take the answers for some rows, or for all."""
        if rows is None:
            self._whole = found
            return
        for name, values in found.items():
            if name not in self._parts:
                self._parts[name] = np.full(self._count, None, dtype=object)
            self._parts[name][rows] = np.asarray(values, dtype=object)

    @property
    def columns(self) -> dict[str, Any]:
        if self._whole is not None:
            return self._whole
        nothing = np.full(self._count, None, dtype=object)
        return {name: self._parts.get(name, nothing) for name in _FIELDS}


def _by_router(state: State, asked: Questions) -> list[tuple[Router, Mask | None]]:
    """Give each router and the rows that it answers; None where it answers all."""
    count = len(asked.x)
    if asked.days is None:
        router = state.routers.get(state.options.day)
        if router is not None and asked.routed.all():
            return [(router, None)]
        days = np.full(count, state.options.day, dtype=object)
    else:
        days = asked.days
    which, distinct = pd.factorize(days)
    groups: dict[int, tuple[Router, list[int]]] = {}
    uncovered = np.zeros(len(distinct), dtype=np.bool_)
    for at, day in enumerate(distinct):
        router = state.routers.get(day)
        if router is None:
            uncovered[at] = True
        else:
            groups.setdefault(id(router), (router, []))[1].append(at)
    if uncovered.any():
        without = uncovered[which] & asked.routed
        asked.problems.add("DAY.notCovered", without, value=days)
    return [(router, np.isin(which, each) & asked.routed) for router, each in groups.values()]


def _routed(router: Router, asked: Questions, rows: Mask | None, state: State) -> dict[str, Any]:
    """Answer some rows by one router: columns of those rows."""
    where = slice(None) if rows is None else rows
    frame = pd.DataFrame({"longitude": asked.x[where], "latitude": asked.y[where]})
    frame["category"] = asked.category[where].to_numpy()
    if asked.accuracy_m is not None:
        frame["accuracy_m"] = asked.accuracy_m[where]
    found = router.decide_many(frame)
    if asked.addresses.notna().any():
        found = _with_addresses(router, asked, where, frame, found, state)
    code = pa.array(found["grid_code"], pa.string(), from_pandas=True)
    named = found["department"].map(router.departments)
    columns: dict[str, Any] = {name: found[name] for name in found.columns}
    columns |= {
        "community_code": pa.compute.utf8_slice_codeunits(code, 0, COMMUNITY_DIGITS),
        "town_code": pa.compute.utf8_slice_codeunits(code, 0, TOWN_DIGITS),
        "distance_m": found["distance_m"].round(3),
        "department_name": named.astype(object),
        "rule_set": np.full(len(frame), router.rule_set.id if router.rule_set else None),
    }
    if asked.accuracy_m is not None:
        columns["candidates"] = [_listed(each) for each in found["candidates"]]
    return columns


def _listed(candidates: tuple[Candidate, ...]) -> list[dict[str, Any]] | None:
    if not candidates:
        return None
    return [
        {"grid_code": each.grid_code, "probability": round(each.probability, 6)}
        for each in candidates[:NAMED]
    ]


def _with_addresses(
    router: Router,
    asked: Questions,
    where: Mask | slice,
    frame: pd.DataFrame,
    found: pd.DataFrame,
    state: State,
) -> pd.DataFrame:
    """Place the rows that have an address only, where it is certain enough."""
    texts = asked.addresses[where].reset_index(drop=True)
    at = np.flatnonzero(texts.notna())
    position = np.arange(len(asked.x))[where][at]
    gazetteer, now = state.gazetteer, state.routers.get(state.today)
    if gazetteer is None or now is None or router.snapshot is not now.snapshot:
        days = state.options.day if asked.days is None else asked.days[position]
        asked.problems.add_at("ADDRESS.past", position, value=days)
        return found
    placed = service.located(gazetteer.loaded, texts.iloc[at].tolist(), settings=gazetteer.settings)
    known = placed["grid_code"].isin(router.snapshot.names.index)
    sure = (placed["accepted"] & known).to_numpy(dtype=bool)
    unsure = placed[~sure]
    asked.problems.add_at(
        "ADDRESS.uncertain",
        position[~sure],
        value=texts.iloc[at[~sure]].str.slice(0, questions.SHOWN_CHARACTERS).to_numpy(),
        percent=(100 * unsure["grid_probability"]).round().astype(int).astype(str).to_numpy(),
        faults=np.array(["|".join(each) or "-" for each in unsure["faults"]], dtype=object),
    )
    found = found.astype({"grid_code": object, "match": object})
    found.loc[at[sure], "grid_code"] = placed["grid_code"].to_numpy(dtype=object)[sure]
    found.loc[at[sure], "match"] = "inside"
    first = router.first(frame["category"], found["grid_code"])
    return found.assign(**{name: first[name] for name in first.columns})
