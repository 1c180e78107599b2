"""Frames into tables by COPY: vectors in, no loop over rows."""

import io
from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import shapely
from psycopg import sql
from sqlalchemy.orm import Session

from geo.db.tables import SRID

CHUNK_BYTES = 4 << 20


def copy_frame(
    session: Session,
    table: str,
    frame: pd.DataFrame,
    *,
    on_bytes: Callable[[int, int], None] | None = None,
) -> int:
    """Append the rows of a frame to a table of the same column names.

    Parameters
    ----------
    session : Session
        Whose transaction the rows belong to; nothing is committed here.
    table : str
        Table, temporary or not.
    frame : DataFrame or GeoDataFrame, shape (n, k)
        Columns named as in the table; missing values become NULL. Geometry columns must be in
        EPSG:4490 and are written with that SRID.
    on_bytes : callable, optional
        Told bytes sent and bytes in all, for a progress bar.

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    sqlalchemy.exc.DBAPIError, psycopg.Error
        If the database refuses a row; the transaction must then be rolled back.
    """
    body = _csv(frame)
    driver = session.connection().connection.driver_connection
    if driver is None:  # pragma: no cover - a session always has one
        raise RuntimeError(table)
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, frame.columns))
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, len(body), CHUNK_BYTES):
            copy.write(body[start : start + CHUNK_BYTES])
            if on_bytes is not None:
                on_bytes(min(start + CHUNK_BYTES, len(body)), len(body))
    return len(frame)


def _csv(frame: pd.DataFrame) -> memoryview:
    columns = {str(name): _column(frame[name]) for name in frame.columns}
    buffer = io.BytesIO()
    # Every present value is quoted, a missing one is not: COPY reads just that as NULL.
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    pyarrow.csv.write_csv(pa.table(columns), buffer, options)
    return buffer.getbuffer()


def _column(values: pd.Series) -> pa.Array:
    if isinstance(values, gpd.GeoSeries):
        geometry = values.to_numpy()
        hexes = shapely.to_wkb(shapely.set_srid(geometry, SRID), hex=True, include_srid=True)
        return pa.array(hexes, type=pa.string(), from_pandas=True)
    return pa.array(values, from_pandas=True)
