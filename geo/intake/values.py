"""Cells as people write them -> values, vectorised; what cannot be read stays missing.

Every reader works on the distinct cells of a column only: a million dates are a few hundred texts.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geo.intake.facts import flags
from geo.intake.model import Column

# Times without an offset are the banner's own; it keeps Beijing time.
SITE_TIMEZONE = "Asia/Shanghai"
FIRST_YEAR = 1900
INTEGER_MAX = 2**31 - 1

# Day and time with any of the usual separators, an ISO 8601 offset allowed.
_WRITTEN = (
    r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*日?"
    r"(?:\s*T?\s*(?P<hour>\d{1,2})[:时点]\s*(?P<minute>\d{1,2})?"
    r"(?:[:分]\s*(?P<second>\d{1,2})?(?:\.\d+)?\s*秒?)?"
    r"\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?$"
)
_COMPACT = (
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[ T]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<offset>Z)?)?$"
)
_MONTH = r"^(?P<year>\d{4})(?:\s*[-/.年]\s*|(?=\d{2}$))(?P<month>\d{1,2})\s*月?份?$"
# A spreadsheet's serial: days since 1899-12-30. Five digits are 1927 to 2173.
_SERIAL = r"^\d{5}(\.\d+)?$"
_SERIAL_ORIGIN = np.datetime64("1899-12-30", "us")
_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_LIMITS = {"hour": 24, "minute": 60, "second": 60}
_DAY_S = 86_400

Reader = Callable[[pd.Series, Column], pd.Series]


def as_text(values: pd.Series) -> pd.Series:
    """Give cells as trimmed text; a blank cell is missing.

    Whole numbers lose the ".0" that a table with gaps gives them.

    Parameters
    ----------
    values : Series, shape (n,)
        Of any type.

    Returns
    -------
    Series of str, shape (n,)
        On the same index.
    """
    if pd.api.types.is_float_dtype(values.dtype):
        whole = values.dropna()
        if (
            np.isfinite(whole).all()
            and (whole == whole.round()).all()
            and (whole.abs() < 2**53).all()
        ):
            values = values.astype("Int64")
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.astype(object).where(values.notna(), "")
    text = values.astype("str").str.strip()
    return text.mask(text == "")


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
        return _dates(values)
    text = as_text(values)
    if column.blank is not None:
        text = text.fillna(column.blank)
    if column.type in ("text", "category", "geometry"):
        # PostgreSQL holds any character but this one.
        return text.mask(text.str.contains("\x00", regex=False).fillna(value=False).astype(bool))
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
    return text.str.normalize("NFKC").str.strip()


def _integers(text: pd.Series, column: Column) -> pd.Series:
    numbers = _numbers(text, column)
    whole = (numbers >= 0) & (numbers <= INTEGER_MAX) & (numbers == numbers.round())
    return numbers.where(whole).astype("Int64")


def _numbers(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    return numbers.where(np.isfinite(numbers))


def _flags(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    return text.str.lower().map(flags()).astype("boolean")


def _choices(text: pd.Series, column: Column) -> pd.Series:
    words = {word: stored for stored, many in column.choices.items() for word in (stored, *many)}
    return text.str.lower().map(words).astype("str")


def _lists(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    bars = text.str.replace(r"\s*\|[\s|]*", "|", regex=True).str.strip("|")
    return bars.mask((bars == "") | bars.str.contains("\x00", regex=False))


def _local_dates(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    moments, is_utc = _moments(text)
    local = moments.dt.tz_localize("UTC").dt.tz_convert(SITE_TIMEZONE).dt.tz_localize(None)
    return _dates(moments.mask(is_utc, local))


def _months(text: pd.Series, column: Column) -> pd.Series:
    """Read a month, or a day of it, as the month's first day."""
    read = _local_dates(text.str.replace(_MONTH, r"\g<year>-\g<month>-01", regex=True), column)
    return _dates(pd.Series(days(read).astype("datetime64[M]").astype("datetime64[s]"), read.index))


def _utc_times(text: pd.Series, column: Column) -> pd.Series:  # noqa: ARG001 - a Reader
    moments, is_utc = _moments(text)
    # Clocks went forward and back from 1986 to 1991: the hour lost is skipped, the hour had
    # twice is taken as the first.
    local = moments.dt.tz_localize(
        SITE_TIMEZONE,
        ambiguous=np.ones(len(moments), dtype=bool),
        nonexistent="shift_forward",
    )
    times: pd.Series = local.dt.tz_convert("UTC").mask(is_utc, moments.dt.tz_localize("UTC"))
    return times


def _dates(moments: pd.Series) -> pd.Series:
    days = pa.array(moments.to_numpy(), from_pandas=True).cast(pa.date32(), safe=False)
    return pd.Series(pd.array(days, dtype=pd.ArrowDtype(pa.date32())), index=moments.index)


def _moments(text: pd.Series) -> tuple[pd.Series, npt.NDArray[np.bool_]]:
    """Read days with or without a time: naive microseconds, and which of them are in UTC."""
    cells = pa.array(text, type=pa.string(), from_pandas=True)
    parts = _parts(cells, _WRITTEN).combine_first(_parts(cells, _COMPACT))
    number = parts[list(_FIELDS)].apply(pd.to_numeric, errors="coerce")
    day_given = number["day"].notna().to_numpy()
    filled = number.fillna(0).astype("int64")
    year, month, day, hour, minute, second = (filled[name].to_numpy() for name in _FIELDS)
    first = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (day - 1)
    good = day_given & (year >= FIRST_YEAR) & (day >= 1)
    # A month 13 moves the year, a day 31 the month.
    good &= date.astype("datetime64[M]").astype("datetime64[Y]").astype(int) + 1970 == year
    good &= date.astype("datetime64[M]") == first
    good &= np.all([filled[name] < limit for name, limit in _LIMITS.items()], axis=0)
    clock = (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    offset = parts["offset"].to_numpy(dtype=object)
    is_utc = good & pd.notna(offset) & (offset != "")
    moment = date.astype("datetime64[us]") + clock - _offset(parts["offset"])
    serial = _serial(text)
    moment = np.where(good, moment, serial)
    return pd.Series(moment, index=text.index), is_utc


def _parts(cells: pa.Array, pattern: str) -> pd.DataFrame:
    names = [*_FIELDS, "offset"]
    found = pc.extract_regex(cells, pattern)
    frame = pd.DataFrame({name: pc.struct_field(found, name).to_pandas() for name in names})
    return frame.astype("str").mask(frame == "")


def _offset(text: pd.Series) -> npt.NDArray[np.timedelta64]:
    """Read "+08:00", "+0800" and "Z"; nothing is no offset."""
    plain = text.str.replace(":", "", regex=False).str.replace("Z", "+0000", regex=False)
    signed = pd.to_numeric(plain, errors="coerce").fillna(0).astype("int64").to_numpy()
    minutes: npt.NDArray[np.int64] = np.sign(signed) * (
        np.abs(signed) // 100 * 60 + np.abs(signed) % 100
    )
    return minutes.astype("timedelta64[m]")


def _serial(text: pd.Series) -> npt.NDArray[np.datetime64]:
    numbers = pd.to_numeric(text.where(text.str.match(_SERIAL)), errors="coerce")
    there = numbers.notna().to_numpy()
    # Seconds are as fine as people write; a serial's last digits are noise of its float.
    seconds = np.round(numbers.fillna(0).to_numpy() * _DAY_S).astype("int64")
    moments = _SERIAL_ORIGIN + seconds.astype("timedelta64[s]")
    return np.where(there, moments, np.datetime64("NaT", "us"))


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
