"""Numbers of what has none in its file: made of what it is called or where its door is.

The same whoever loads it, how often, in which order and spelling.
"""

import pandas as pd

from geo.text import name_key

BETWEEN = "-"


def of_names(names: pd.Series, within: pd.Series | None = None) -> pd.Series:
    """Make numbers of names, of a cadre behind the organisation's.

    Examples
    --------
    >>> of_names(pd.Series(["张　三"]), pd.Series(["教育局"])).tolist()
    ['教育局-张三']
    """
    made = names.map(name_key, na_action="ignore").astype("str")
    return made if within is None else within + BETWEEN + made


def of_doors(compounds: pd.Series, doors: pd.DataFrame) -> pd.Series:
    """Make numbers of households: of compound, building, unit and room, as far as they are said.

    Parameters
    ----------
    compounds : Series of str, shape (n,)
        Their numbers.
    doors : DataFrame, shape (n, 3)
        See `geo.intake.doors.of_rows`.

    Returns
    -------
    Series of str, shape (n,)
        Missing where compound or room is.

    Examples
    --------
    >>> doors = pd.DataFrame({"building": ["1"], "unit": [""], "room": ["301"]})
    >>> of_doors(pd.Series(["X7"]), doors).tolist()
    ['X7-1-301']
    """
    columns = [compounds.fillna("").tolist(), *(doors[name].tolist() for name in doors.columns)]
    made = [
        BETWEEN.join(filter(None, row)) if row[0] and row[-1] else None
        for row in zip(*columns, strict=True)
    ]
    return pd.Series(made, index=compounds.index, dtype="str")


def read_door(number: str, compounds: frozenset[str]) -> tuple[str, str, str, str] | None:
    """Give compound, building, unit and room of a number that was made of them.

    Examples
    --------
    >>> read_door("X-7-1-2-301", frozenset({"X-7"})), read_door("H1", frozenset({"X-7"}))
    (('X-7', '1', '2', '301'), None)
    """
    for count in (3, 2, 1):
        compound, *parts = number.rsplit(BETWEEN, count)
        if len(parts) == count and compound in compounds:
            building = parts[0] if count > 1 else ""
            return compound, building, parts[1] if count > 2 else "", parts[-1]  # noqa: PLR2004
    return None
