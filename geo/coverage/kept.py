"""What the database keeps by level-two grid and month, as arrays: no loop over rows or cells.

A quarter of a million rows come as one row a month, each column an array of whole numbers that is
taken as it lies in the answer.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from sqlalchemy.orm import Session

CODE, COMMUNITY = "S15", "S12"
_INTEGERS = 1007  # PostgreSQL's number of the type int4[]
_HEAD = 20  # bytes before the first element of an array of one dimension

Codes = npt.NDArray[np.bytes_]
Integers = npt.NDArray[np.int64]


class Kept(NamedTuple):
    """Counts of a month.

    Parameters
    ----------
    codes : ndarray of bytes, shape (n,)
        Of grids, ascending.
    counts : ndarray of int, shape (n, k)
    """

    codes: Codes
    counts: Integers


class _Integers(Loader):
    """Reads an array without a missing element: before each stands its size, the same for all."""

    format = Format.BINARY

    def load(self, data: Buffer) -> npt.NDArray[np.int32]:
        return np.frombuffer(data, ">i4", offset=_HEAD)[1::2]


def read_kept(
    session: Session, source: sql.Composable, names: Sequence[str], bound: Mapping[str, Any]
) -> dict[date, Kept]:
    """Read rows by grid and month in the session's transaction.

    Parameters
    ----------
    session : Session
    source : Composable
        What stands after FROM: `grid_code`, `month` and `names`, which are `int` and never null.
    names : sequence of str
        Columns to read.
    bound : mapping of str to object
        Values of the parameters of `source`.

    Returns
    -------
    dict of date to Kept
        By month, ascending; months without a row are not there.
    """
    driver: Any = session.connection().connection.driver_connection
    columns = [sql.SQL("array_agg({})").format(sql.Identifier(name)) for name in names]
    statement = sql.SQL(
        "SELECT month, string_agg(grid_code, ''), {} FROM {} GROUP BY month ORDER BY month"
    ).format(sql.SQL(", ").join(columns), source)
    with driver.cursor(binary=True) as cursor:
        cursor.adapters.register_loader(_INTEGERS, _Integers)
        rows = cursor.execute(statement, bound).fetchall()
    return {month: _sorted(codes, arrays) for month, codes, *arrays in rows}


def _sorted(joined: str, arrays: Sequence[npt.NDArray[np.int32]]) -> Kept:
    codes = np.frombuffer(joined.encode("ascii"), CODE)
    order = np.argsort(codes)
    return Kept(codes[order], np.column_stack(arrays)[order].astype(np.int64))


def with_communities(kept: Kept) -> Kept:
    """Add up the grids of each community and put the sum before them."""
    if not len(kept.codes):
        return kept
    community = kept.codes.astype(COMMUNITY)
    starts = np.flatnonzero(np.r_[True, community[1:] != community[:-1]])
    codes = np.concatenate([community[starts].astype(CODE), kept.codes])
    counts = np.concatenate([np.add.reduceat(kept.counts, starts, axis=0), kept.counts])
    order = np.argsort(codes)
    return Kept(codes[order], counts[order])
