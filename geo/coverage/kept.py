"""What the database keeps by level-two grid and month, as arrays: no loop over rows or cells.

A row is one string of bytes, its code and its counts; a month's rows come as one string, which is
taken as it lies in the answer. To make them takes longer than to read them: `coverage_month` and
`coverage_recency` keep theirs (`packed`), `coverage_packed` those of a month.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from psycopg import sql
from sqlalchemy.orm import Session

from geo.codes import COMMUNITY_DIGITS, GRID_DIGITS

CODE, COMMUNITY = f"S{GRID_DIGITS}", f"S{COMMUNITY_DIGITS}"

Codes = npt.NDArray[np.bytes_]
Integers = npt.NDArray[np.int64]
# Rows with `code` and `counts`, in any order.
Rows = npt.NDArray[np.void]

# A community's code comes before those of its grids, and after all of the one before.
_PLACES = np.array([10**place << 21 for place in range(11, -1, -1)] + [1 << 14, 1 << 7, 1])


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


def read_rows(
    session: Session,
    source: sql.Composable,
    names: Sequence[str],
    bound: Mapping[str, Any],
    *,
    packed: Sequence[str] = (),
) -> dict[date, Rows]:
    """Read rows by grid and month in the session's transaction, as they come.

    Parameters
    ----------
    session : Session
    source : Composable
        What stands after FROM: `grid_code`, `month`, and `packed` or `names`.
    names : sequence of str
        Columns to read, which are `int` and never null.
    bound : mapping of str to object
        Values of the parameters of `source`.
    packed : sequence of str, optional
        What `source` keeps in its column `packed`, in its order; `names` are packed on the way
        where it has none.

    Returns
    -------
    dict of date to ndarray of (code, counts), shape (n,)
        By month, ascending, `counts` in the order of `packed` or `names`; months without a row are
        not there.
    """
    sent = [sql.SQL("int4send({})").format(sql.Identifier(name)) for name in names]
    row = sql.SQL("packed" if packed else "grid_code::bytea || {}").format(
        sql.SQL(" || ").join(sent)
    )
    statement = sql.SQL(
        "SELECT month, string_agg({}, '') FROM {} GROUP BY month ORDER BY month"
    ).format(row, source)
    fetched = _fetched(session, statement, bound)
    return {month: as_rows(body, packed or names) for month, body in fetched}


def read_months(
    session: Session, packed: Sequence[str], *, month: date | None = None
) -> dict[date, Rows]:
    """Read the rows of `coverage_month` of a month or of all, as they are kept together.

    Parameters
    ----------
    session : Session
    packed : sequence of str
        What is kept, in its order.
    month : date, optional

    Returns
    -------
    dict of date to ndarray of (code, counts), shape (n,)
        As `read_rows` does.
    """
    statement = "SELECT month, body FROM coverage_packed {} ORDER BY month"
    return {
        one: as_rows(body, packed)
        for one, body in _fetched(
            session,
            sql.SQL(statement).format(sql.SQL("" if month is None else "WHERE month = %(month)s")),
            {} if month is None else {"month": month},
        )
    }


def _fetched(
    session: Session, statement: sql.Composed, bound: Mapping[str, Any]
) -> list[tuple[date, bytes]]:
    """Fetch months and bytes as they are, where a text of them would be twice as long."""
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor(binary=True) as cursor:
        rows: list[tuple[date, bytes]] = cursor.execute(statement, bound).fetchall()
    return rows


def as_rows(body: bytes, packed: Sequence[str]) -> Rows:
    """Take rows as they lie in a string of bytes, one after the other."""
    kind = np.dtype([("code", CODE), ("counts", ">i4", (len(packed),))])
    return np.frombuffer(body, kind)


def read_kept(
    session: Session,
    source: sql.Composable,
    names: Sequence[str],
    bound: Mapping[str, Any],
    *,
    packed: Sequence[str] = (),
) -> dict[date, Kept]:
    """Read `names` by grid and month, by code; see `read_rows`.

    Returns
    -------
    dict of date to Kept
        By month, ascending; months without a row are not there.
    """
    found = read_rows(session, source, names, bound, packed=packed)
    picked = [(packed or names).index(name) for name in names]
    return {month: _sorted(rows, picked) for month, rows in found.items()}


def _sorted(rows: Rows, picked: Sequence[int]) -> Kept:
    rows = rows[np.argsort(keys(rows["code"]))]
    return Kept(rows["code"].copy(), rows["counts"][:, picked].astype(np.int64))


def keys(codes: Codes) -> Integers:
    """Give numbers that sort as codes of 12 or 15 places do, and are as different."""
    places = np.ascontiguousarray(codes, CODE).view(np.uint8).reshape(-1, GRID_DIGITS)
    found: Integers = (places.astype(np.int64) - ord("0")) @ _PLACES
    return found


def on_grids(found: Sequence[Rows | None], codes: Codes, picked: Sequence[int]) -> Integers:
    """Put the rows of each month in the places of today's grids, and add up communities.

    Parameters
    ----------
    found : sequence of (ndarray of (code, counts) or None), length m
        See `read_rows`; None for a month without rows.
    codes : ndarray of bytes, shape (n,)
        Of grids, and of the communities to add up; ascending.
    picked : sequence of int, length k
        Which counts.

    Returns
    -------
    ndarray of int, shape (k, m * n)
        By month, then code; 0 where there is no row. A row of a grid that is not among `codes`
        counts in its community.
    """
    counts = np.zeros((len(picked), len(found), len(codes)), dtype=np.int64)
    if not len(codes):
        return counts.reshape(len(picked), 0)
    today = keys(codes)
    for at, rows in enumerate(found):
        if rows is not None:
            # Month by month: what is turned over stays in a core's cache.
            counts[:, at] = _placed(rows, today).T[picked]
    community = codes.astype(COMMUNITY)
    firsts = np.flatnonzero(np.r_[True, community[1:] != community[:-1]])
    whole = codes[firsts] == community[firsts]
    counts[..., firsts[whole]] = np.add.reduceat(counts, firsts, axis=2)[..., whole]
    return counts.reshape(len(picked), -1)


def _placed(rows: Rows, today: Integers) -> npt.NDArray[np.int32]:
    """Give the counts of each of today's places, and strangers' to their community."""
    table = np.zeros((len(today), rows.dtype["counts"].shape[0]), dtype=np.int32)
    place, known = _looked_up(rows["code"], today)
    table[place[known]] = rows["counts"][known]
    strangers = rows[~known]
    if len(strangers):
        place, known = _looked_up(strangers["code"].astype(COMMUNITY), today)
        np.add.at(table, place[known], strangers["counts"][known])
    return table


def _looked_up(codes: Codes, today: Integers) -> tuple[Integers, npt.NDArray[np.bool_]]:
    key = keys(codes)
    place = np.searchsorted(today, key).clip(max=len(today) - 1)
    return place, today[place] == key


def with_communities(kept: Kept) -> Kept:
    """Add up the grids of each community and put the sum before them."""
    if not len(kept.codes):
        return kept
    community = kept.codes.astype(COMMUNITY)
    starts = np.flatnonzero(np.r_[True, community[1:] != community[:-1]])
    codes = np.concatenate([community[starts].astype(CODE), kept.codes])
    counts = np.concatenate([np.add.reduceat(kept.counts, starts, axis=0), kept.counts])
    order = np.argsort(keys(codes))
    return Kept(codes[order], counts[order])
