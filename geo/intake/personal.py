"""Columns of numbers that belong to a person: no key, not stored, never in a file of rejects."""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

import pandas as pd

from geo.files.headings import positions
from geo.files.values import as_text
from geo.intake.facts import HERE
from geo.intake.mapping import Mapping, MappingError
from geo.intake.model import Kind
from geo.text import plain

SAMPLE = 200
# So many of the cells must be such a number, and so many different ones must be there.
_SHARE = 0.5
_LEAST = 3
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_IDENTITY = re.compile(r"^\d{17}[\dXx]$")
_MOBILE = re.compile(r"^(?:\+?86[- ]?)?(1[3-9]\d)[- ]?\d{4}[- ]?\d{4}$")
_CPF = re.compile(r"^(\d{3})\.(\d{3})\.(\d{3})-(\d{2})$")
_SSN = re.compile(r"^(?!000|666|9)\d{3}-\d{2}-\d{4}$")
# Codes of one county may look like mobile numbers, but then they begin alike.
_PREFIX = 4
_VARIED = 0.3


class PersonalColumnError(MappingError):
    """A mapping takes numbers of papers or telephones for something else."""

    code = "intake.personal_column"
    zh = (
        "映射文件：{column} 映射到 {file} 的“{heading}”，该列是证件号或电话，不作编号，也不入库；"
        "请改用其他列，或用 join 拼接几列（户号可由小区、楼栋、门牌得出）"
    )
    en = (
        "Mapping file: {column} is mapped to {heading!r} of {file}, which holds numbers of papers "
        "or telephones: they are no key and are not stored. Name another column, or join "
        "several (a household's number may come of its compound, building and door)"
    )


@cache
def _headings() -> re.Pattern[str]:
    words = tomllib.loads(HERE.joinpath("personal.toml").read_text("utf-8"))["headings"]
    return re.compile("|".join(words))


def is_personal_heading(heading: str) -> bool:
    """Tell whether a heading is that of personal numbers.

    Examples
    --------
    >>> is_personal_heading("5、联系电话："), is_personal_heading("Phone_Number")
    (True, True)
    >>> is_personal_heading("手机定位经度"), is_personal_heading("电梯编号")
    (False, False)
    """
    text = unicodedata.normalize("NFKC", plain(heading)).lower().replace("_", " ")
    compact = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", text)
    return _headings().search(compact) is not None


def personal_columns(cells: pd.DataFrame, among: Iterable[str] | None = None) -> frozenset[str]:
    """Give the headings of the columns of personal numbers, by the heading or by what stands there.

    Of the cells the first `SAMPLE` that are filled are looked at: identity numbers with their check
    digit, mobile numbers (that do not all begin alike, as codes do), numbers of Brazil and the
    United States as they are written.

    Parameters
    ----------
    cells : DataFrame, shape (n, k)
    among : iterable of str, optional
        Only of these headings.

    Returns
    -------
    frozenset of str
    """
    wanted = list(map(str, cells.columns)) if among is None else list(among)
    return frozenset(
        name for name in wanted if is_personal_heading(name) or _holds_numbers(cells[name])
    )


def check_not_personal(mapping: Mapping, kind: Kind, private: frozenset[str], *, file: str) -> None:
    """Hold a mapping against the columns of personal numbers, which no other column takes.

    Raises
    ------
    PersonalColumnError
        If it maps one of them to a column that is not for such numbers.
    """
    for name, line in mapping.columns.items():
        if kind.columns[name].personal:
            continue
        for heading in line.headings:
            if positions(sorted(private), heading):
                raise PersonalColumnError(column=name, heading=heading, file=file)


def _holds_numbers(cells: pd.Series) -> bool:
    text = as_text(cells.iloc[: SAMPLE * 5]).dropna().head(SAMPLE)
    distinct = set(text)
    if len(distinct) < _LEAST:
        return False
    needed = len(text) * _SHARE
    checks: tuple[Callable[[str], bool], ...] = (is_identity_number, _is_cpf, _is_ssn)
    if any(sum(map(check, text)) >= needed for check in checks):
        return True
    mobile = {each for each in distinct if _MOBILE.match(each)}
    prefixes = {re.sub(r"\D", "", each.removeprefix("+86"))[:_PREFIX] for each in mobile}
    return sum(each in mobile for each in text) >= needed and len(prefixes) > max(
        1, len(mobile) * _VARIED
    )


def is_identity_number(text: str) -> bool:
    """Tell whether a text is an identity number of 18 digits: its day and check digit fit.

    References
    ----------
    GB 11643-1999, ISO 7064 MOD 11-2.
    """
    if _IDENTITY.match(text) is None:
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text, strict=False))
    return _CHECKS[total % 11] == text[17].upper()


def _is_cpf(text: str) -> bool:
    return _CPF.match(text) is not None


def _is_ssn(text: str) -> bool:
    return _SSN.match(text) is not None
