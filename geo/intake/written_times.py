"""Days and times as people, machines and Windows write them -> moments, vectorised.

The year comes first, or the month is a word: of 5/10/2026 nobody knows which is the day, so that it
is not read.
"""

import re

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

FIRST_YEAR = 1900
_DAY_S = 86_400
_FIELDS = ("year", "month", "day", "hour", "minute", "second")
_LIMITS = {"hour": 25, "minute": 60, "second": 60}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_WEEKDAY = (
    r"[(,，]?\s*(?:(?:星期|周|礼拜)[一二三四五六日天]"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?)\s*[),，]?"
)
_SEPARATOR = r"\s*[-/.年\x{2010}-\x{2015}\x{2212}]\s*"
_MONTH_END = r"\s*[-/.月\x{2010}-\x{2015}\x{2212}]\s*"
_HALF = r"上午|下午|凌晨|清晨|早上|早晨|中午|午后|傍晚|晚上|晚间|夜里|[ap]\.?m\.?"
HALF_OF_DAY = re.compile(rf"(?<=[\d日号])\s*(?:{_HALF})$", re.IGNORECASE)
# An offset, the names of Beijing time, or both, as Go, Java, JavaScript and PostgreSQL write them.
_ZONE = (
    r"(?P<offset>z|(?:utc|gmt)\s*(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{1,2}(?::?\d{2})?)?"
    r"\s*(?:\(?(?:cst|asia/shanghai|prc|北京时间|中国标准时间|china standard time)\)?"
    r"|\[asia/shanghai\])?"
)
_CLOCK = (
    rf"(?P<half>{_HALF})?\s*(?P<hour>\d{{1,2}})"
    r"(?:(?P<mark>[:时点])\s*(?P<minute>\d{1,2}|半)?(?:[:分]\s*(?P<second>\d{1,2})?(?:[.,]\d+)?\s*秒?)?)?"
    rf"整?\s*(?P<after>{_HALF})?\s*{_ZONE}"
)
_YEAR_FIRST = (
    rf"^(?:{_WEEKDAY}\s*)?(?P<year>\d{{4}}){_SEPARATOR}(?P<month>\d{{1,2}}){_MONTH_END}"
    rf"(?P<day>\d{{1,2}})\s*[日号]?\s*(?:{_WEEKDAY})?"
    rf"(?:[\st,，]*(?:{_CLOCK})|(?P<zone>z|[+-]\d{{2}}:\d{{2}}))?$"
)
_COMPACT = (
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[ t]?(?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<offset>z|[+-]\d{2}(?::?\d{2})?)?)?$"
)
_NAMED = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DAY_NAMED = (
    rf"^(?:{_WEEKDAY}\s*)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s-]*{_NAMED}[\s,-]*(?P<year>\d{{4}})"
    rf"(?:[\st,]+(?:{_CLOCK}))?$"
)
_NAMED_DAY = (
    rf"^(?:{_WEEKDAY}\s*)?{_NAMED}[\s-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s,-]+(?P<year>\d{{4}})"
    rf"(?:[\st,]+(?:{_CLOCK}))?$"
)
# As Java and the date command write it: the year stands behind the time.
_YEAR_LAST = (
    rf"^{_WEEKDAY}\s*{_NAMED}\s+(?P<day>\d{{1,2}})\s+(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}):"
    rf"(?P<second>\d{{2}})\s*{_ZONE}\s*(?P<year>\d{{4}})$"
)
_PATTERNS = (_YEAR_FIRST, _COMPACT, _DAY_NAMED, _NAMED_DAY, _YEAR_LAST)
# A spreadsheet's serial: days since 1899-12-30. Five digits are 1927 to 2173.
_SERIAL = r"^\d{5}(\.\d+)?$"
_SERIAL_ORIGIN = np.datetime64("1899-12-30", "us")
# Seconds, or thousandths of them, since 1970, as platforms write them: from 2001 to 2033.
_SINCE_1970 = r"^1\d{9}(\d{3})?$"
_HAN_DAY = re.compile(
    r"^\s*([〇○零一二三四五六七八九]{4})\s*年\s*([一二三四五六七八九十]{1,2})\s*月\s*"
    r"([一二三四五六七八九十]{1,3})\s*([日号])"
)
_HAN = dict(zip("〇○零一二三四五六七八九", "000123456789", strict=True))


def moments(text: pd.Series) -> tuple[pd.Series, npt.NDArray[np.bool_]]:
    """Read days with or without a time.

    24:00 is the midnight at which the next day begins.

    Parameters
    ----------
    text : Series of str, shape (n,)
        In half width.

    Returns
    -------
    tuple
        Naive microseconds, shape (n,), missing where the text is no moment; and which of them are
        in UTC, the others being of the site.
    """
    lower = text.str.lower()
    han = lower.str.match(r"^\s*[〇○零一二三四五六七八九]{4}\s*年").fillna(value=False).astype(bool)
    if han.any():
        lower = lower.mask(han, lower[han].map(_in_digits))
    cells = pa.array(lower, type=pa.string(), from_pandas=True)
    parts = _parts(cells)
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
    hour, possible = _of_day(hour, minute + second, parts)
    good &= possible
    clock = (hour * 3600 + minute * 60 + second).astype("timedelta64[s]")
    offset = parts["offset"].to_numpy(dtype=object)
    is_utc = good & pd.notna(offset) & (offset != "")
    moment = date.astype("datetime64[us]") + clock - _offset(parts["offset"])
    since = _since_1970(text)
    moment = np.where(good, moment, np.where(np.isnat(since), _serial(text), since))
    return pd.Series(moment, index=text.index), is_utc | (~good & ~np.isnat(since))


def dates(moments: pd.Series) -> pd.Series:
    """Give the days of naive moments, as Arrow dates on the same index."""
    days = pa.array(moments.to_numpy(), from_pandas=True).cast(pa.date32(), safe=False)
    return pd.Series(pd.array(days, dtype=pd.ArrowDtype(pa.date32())), index=moments.index)


def _parts(cells: pa.Array) -> pd.DataFrame:
    """Cut texts by the first pattern that fits."""
    names = [*_FIELDS, "offset", "half", "mark"]
    made: pd.DataFrame | None = None
    for pattern in _PATTERNS:
        found = _cut(cells, pattern, names)
        made = found if made is None else made.combine_first(found)
        if made["day"].notna().all():
            break
    assert made is not None  # noqa: S101 - there are patterns
    months = dict(zip(_MONTHS, map(str, range(1, 13)), strict=True))
    made["month"] = made["month"].replace(months)
    made["minute"] = made["minute"].replace({"半": "30"})
    return made


def _cut(cells: pa.Array, pattern: str, names: list[str]) -> pd.DataFrame:
    found = pc.extract_regex(cells, pattern)
    there = {field.name for field in found.type}

    def part(name: str) -> pd.Series:
        if name not in there:
            return pd.Series(None, index=range(len(cells)), dtype="str")
        text: pd.Series = pc.struct_field(found, name).to_pandas().astype("str")
        return text.mask(text == "")

    frame = pd.DataFrame({name: part(name) for name in names})
    frame["half"] = frame["half"].fillna(part("after"))
    frame["offset"] = frame["offset"].fillna(part("zone"))
    # A number behind a day is an hour only where something says so.
    bare = frame["hour"].notna() & frame["mark"].isna() & frame["half"].isna()
    made: pd.DataFrame = frame.mask(bare) if "mark" in there else frame
    return made


def _of_day(
    hour: npt.NDArray[np.int64], rest: npt.NDArray[np.int64], parts: pd.DataFrame
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Give hours of 24 for those of a half day, and which are possible."""
    half = parts["half"].fillna("").str.replace(".", "", regex=False)
    late = half.isin(["下午", "午后", "傍晚", "晚上", "晚间", "夜里", "pm"]).to_numpy()
    early = half.isin(["上午", "凌晨", "清晨", "早上", "早晨", "am"]).to_numpy()
    noon = (half == "中午").to_numpy()
    # Twelve at night may be the beginning or the end of the day.
    night = half.isin(["晚上", "晚间", "夜里"]).to_numpy()
    possible = (hour < 24) | ((rest == 0) & ~(late | early | noon))  # noqa: PLR2004
    possible &= ~(early & (hour > 12)) & ~(night & (hour % 12 == 0))  # noqa: PLR2004
    possible &= ~(noon & (hour > 3) & (hour < 11))  # noqa: PLR2004 - no noon is so early or late
    later = (late & (hour < 12)) | (noon & (hour < 4))  # noqa: PLR2004
    return np.where(later, hour + 12, np.where(early & (hour == 12), 0, hour)), possible  # noqa: PLR2004


def _offset(text: pd.Series) -> npt.NDArray[np.timedelta64]:
    """Read "+08", "+8", "+08:00", "+0800", "gmt+8" and "z"; nothing is no offset."""
    plain = text.str.replace(r"^(utc|gmt)\s*|:|z", "", regex=True)
    cells = pa.array(plain, type=pa.string(), from_pandas=True)
    found = pc.extract_regex(cells, r"^(?P<sign>[+-])(?P<hours>\d{1,2})(?P<minutes>\d{2})?$")
    sign, hours, minutes = (
        pc.struct_field(found, name).to_pandas() for name in ("sign", "hours", "minutes")
    )
    count = [pd.to_numeric(each, errors="coerce").fillna(0).to_numpy() for each in (hours, minutes)]
    minutes = np.where(sign == "-", -1, 1) * (count[0] * 60 + count[1])
    made: npt.NDArray[np.timedelta64] = minutes.astype("int64").astype("timedelta64[m]")
    return made


def _serial(text: pd.Series) -> npt.NDArray[np.datetime64]:
    numbers = pd.to_numeric(text.where(text.str.match(_SERIAL)), errors="coerce")
    there = numbers.notna().to_numpy()
    # Seconds are as fine as people write; a serial's last digits are noise of its float.
    seconds = np.round(numbers.fillna(0).to_numpy() * _DAY_S).astype("int64")
    moments = _SERIAL_ORIGIN + seconds.astype("timedelta64[s]")
    return np.where(there, moments, np.datetime64("NaT", "us"))


def _since_1970(text: pd.Series) -> npt.NDArray[np.datetime64]:
    numbers = pd.to_numeric(text.where(text.str.match(_SINCE_1970)), errors="coerce")
    there = numbers.notna().to_numpy()
    whole = numbers.fillna(0).astype("int64").to_numpy()
    thousandths = np.where(whole < 1e11, whole * 1000, whole)  # noqa: PLR2004 - ten digits or 13
    made = thousandths.astype("datetime64[ms]").astype("datetime64[us]")
    return np.where(there, made, np.datetime64("NaT", "us"))


def _in_digits(text: str) -> str:
    """Write 二〇二六年十月五日 as 2026年10月5日; what is no day stays."""
    found = _HAN_DAY.match(text)
    if found is None:
        return text
    year = "".join(_HAN[each] for each in found[1])
    month, day = (_number(found[at]) for at in (2, 3))
    return f"{year}年{month}月{day}{found[4]}{text[found.end() :]}"


def _number(text: str) -> str:
    tens, ten, ones = text.partition("十")
    if not ten:
        return "".join(_HAN[each] for each in text)
    return f"{_HAN.get(tens, '1')}{_HAN.get(ones, '0')}"
