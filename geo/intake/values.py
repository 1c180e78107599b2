"""Cells of a column -> values of its type, vectorised; what cannot be read stays missing.

Every reader works on the distinct cells of a column only: a million dates are a few hundred texts.
"""

import unicodedata
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.files.values import as_text, map_matching, written_numbers
from geo.intake import written_times
from geo.intake.facts import flags
from geo.intake.model import Column
from geo.text import one_name, plain

# Times without an offset are the banner's own; it keeps Beijing time.
SITE_TIMEZONE = "Asia/Shanghai"
INTEGER_MAX = 2**31 - 1
# A month, or the month of a day.
_DASHES = "\u2010-\u2015\u2212"
_MONTH = rf"^(?P<year>\d{{4}})(?:\s*[-/.年{_DASHES}]\s*|(?=\d{{2}}$))(?P<month>\d{{1,2}})\s*月?份?$"

Reader = Callable[[pd.Series, Column], pd.Series]


def read(values: pd.Series, column: Column) -> pd.Series:
    """Read the cells of a column.

    Parameters
    ----------
    values : Series, shape (n,)
        Text, or already of the wanted type.
    column : Column
        What is to be read; `blank` stands in for empty cells.

    Returns
    -------
    Series, shape (n,)
        On the same index: str, Int64, float, boolean, date (Arrow date32) or UTC timestamps.
        Missing where the cell is blank or cannot be read.
    """
    if column.type == "date" and pd.api.types.is_datetime64_dtype(values.dtype):
        return written_times.dates(values)
    text = as_text(values)
    if column.blank is not None:
        text = text.fillna(column.blank)
    match column.type:
        case "text" | "category" | "geometry":
            return text
        case "code":
            # Programs write the number of a column that has gaps as 12.0.
            whole = text.str.replace(r"^(\d+)\.0$", r"\1", regex=True)
            return map_matching(whole, r"[^!-~]", plain)
        case "name":
            return map_matching(text, r"[^!-~]", one_name)
        case _:
            return _distinct(text, column, _READERS[column.type])


def instants(dates: pd.Series) -> npt.NDArray[np.datetime64]:
    """Give dates or UTC times as UTC microseconds, shape (n,); NaT where missing."""
    cells = pa.array(dates, from_pandas=True).cast(pa.timestamp("us"))
    moments: npt.NDArray[np.datetime64] = cells.to_numpy(zero_copy_only=False)
    return moments


def days(dates: pd.Series) -> npt.NDArray[np.datetime64]:
    """Give dates, or the site's days of UTC times, as days, shape (n,); NaT where missing."""
    if isinstance(dates.dtype, pd.DatetimeTZDtype):
        dates = dates.dt.tz_convert(SITE_TIMEZONE).dt.tz_localize(None)
    return instants(dates).astype("datetime64[D]")


def _distinct(text: pd.Series, column: Column, reader: Reader) -> pd.Series:
    codes, distinct = pd.factorize(text)
    parsed = reader(_folded(pd.Series(distinct, dtype="str")), column)
    # -1 stands for a blank and is on no index, so it comes back missing.
    return parsed.reindex(codes).set_axis(text.index)


def _folded(text: pd.Series) -> pd.Series:
    return map_matching(text, r"[^ -~]", lambda each: unicodedata.normalize("NFKC", plain(each)))


def _integers(text: pd.Series, column: Column) -> pd.Series:
    numbers = _numbers(text, column)
    whole = (numbers >= 0) & (numbers <= INTEGER_MAX) & (numbers == numbers.round())
    return numbers.where(whole).astype("Int64")


def _numbers(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    return pd.Series(written_numbers(text.tolist()), text.index)


def _flags(text: pd.Series, column: Column) -> pd.Series:
    words = flags() | dict.fromkeys(column.yes, True) | dict.fromkeys(column.no, False)
    return text.str.lower().map(words).astype("boolean")


def _choices(text: pd.Series, column: Column) -> pd.Series:
    words = {word: stored for stored, many in column.choices.items() for word in (stored, *many)}
    return text.str.lower().map(words).astype("str")


def _lists(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    bars = text.map(lambda each: "|".join(filter(None, map(one_name, each.split("|")))))
    return bars.mask(bars == "").astype("str")


def _local_dates(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    # Of a day it does not matter which half of it is meant.
    text = text.str.replace(written_times.HALF_OF_DAY, "", regex=True)
    moments, is_utc = written_times.moments(text)
    local = moments.dt.tz_localize("UTC").dt.tz_convert(SITE_TIMEZONE).dt.tz_localize(None)
    return written_times.dates(moments.mask(is_utc, local))


def _months(text: pd.Series, column: Column) -> pd.Series:
    """Read a month, or a day of it, as the month's first day."""
    read = _local_dates(text.str.replace(_MONTH, r"\g<year>-\g<month>-01", regex=True), column)
    first = pd.Series(days(read).astype("datetime64[M]").astype("datetime64[s]"), read.index)
    return written_times.dates(first)


def _utc_times(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    moments, is_utc = written_times.moments(text)
    # Clocks went forward and back from 1986 to 1991: the hour lost is skipped, the hour had
    # twice is taken as the first.
    local = moments.dt.tz_localize(
        SITE_TIMEZONE,
        ambiguous=np.ones(len(moments), dtype=bool),
        nonexistent="shift_forward",
    )
    times: pd.Series = local.dt.tz_convert("UTC").mask(is_utc, moments.dt.tz_localize("UTC"))
    return times


_READERS: dict[str, Reader] = {
    "list": _lists,
    "choice": _choices,
    "integer": _integers,
    "number": _numbers,
    "flag": _flags,
    "date": _local_dates,
    "month": _months,
    "time": _utc_times,
}
