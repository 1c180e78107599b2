"""A query's rows as a frame, by COPY: a quarter of a million rows in a fraction of a second."""

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Select
from sqlalchemy.orm import Session


def read_frame(session: Session, query: Select[*tuple[Any, ...]]) -> pd.DataFrame:
    """Read a query in the session's transaction.

    Parameters
    ----------
    session : Session
    query : Select
        Of columns and expressions with names.

    Returns
    -------
    DataFrame
        In the query's order and with its columns. Text stays text, days are `datetime.date`;
        whole numbers with a missing value among them are floats.
    """
    connection = session.connection()
    names = [column.name for column in query.selected_columns]
    compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
    driver = connection.connection.driver_connection
    if driver is None:  # pragma: no cover - a session always has one
        raise RuntimeError(names)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT csv)", compiled.params) as copy,
    ):
        body = b"".join(copy)
    if not body:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    texts = {c.name: pa.string() for c in query.selected_columns if c.type.python_type is str}
    table = pa.csv.read_csv(
        pa.py_buffer(body),
        read_options=pa.csv.ReadOptions(column_names=names),
        convert_options=pa.csv.ConvertOptions(
            column_types=texts,
            strings_can_be_null=True,
            # A place may be called "NA"; only what is written as nothing is missing.
            null_values=[""],
            quoted_strings_can_be_null=False,
        ),
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
    )
    frame: pd.DataFrame = table.to_pandas(date_as_object=True)
    return frame
