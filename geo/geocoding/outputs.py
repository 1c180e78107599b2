"""What stands in a file beside each address: the columns of its place."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from geo.geocoding.geocoder import COLUMNS as RESULT

# Whose gazetteer it is and whether it is synthetic: in each row, as a file of grids says it.
MARKS = ("edition", "attribution", "data")
COLUMNS = (*RESULT, *MARKS)
_NUMBERS = ("probability", "grid_probability", "longitude", "latitude")
_SCHEMA = pa.schema(
    [(name, pa.float64() if name in _NUMBERS else pa.string()) for name in RESULT]
    + [("edition", pa.int64()), ("attribution", pa.string()), ("data", pa.string())]
)


def written(found: pd.DataFrame, marks: Mapping[str, Any]) -> pa.Table:
    """Give answers the form in which they stand in a file.

    Parameters
    ----------
    found : DataFrame, shape (n,)
        As `Geocoder.geocode` gives it.
    marks : mapping
        `MARKS` to what each row says of the gazetteer, see
        `geo.territory.files.provenance_columns`.

    Returns
    -------
    Table, shape (n, 16)
        `COLUMNS`, faults separated by "|" and candidates as JSON.
    """
    ours: dict[str, Any] = {name: found[name] for name in RESULT}
    ours["faults"] = ["|".join(each) for each in found["faults"]]
    ours["candidates"] = [
        json.dumps(each, ensure_ascii=False, default=float) for each in found["candidates"]
    ]
    columns = [
        pa.array(
            [marks[name]] * len(found) if name in MARKS else ours[name], kind, from_pandas=True
        )
        for name, kind in zip(_SCHEMA.names, _SCHEMA.types, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=_SCHEMA)
