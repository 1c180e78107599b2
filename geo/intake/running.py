"""Keys that are running numbers: sorted otherwise next month, they mean other rows."""

from typing import Any

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.db.tables import Base
from geo.errors import ConflictError
from geo.intake.model import Kind
from geo.intake.repository import frame_of

FEWEST = 10  # Of fewer rows nobody can tell running numbers from codes.
MOST = 0.5
TOLD_SHARE = 0.1
# What tells that a number means something else now, where the kind's table has it.
LOOKS = ("name", "address", "building_id", "unit", "room", "grid_code")
_NUMBER = r"^[0-9]{1,7}$"


class RunningNumbersError(ConflictError):
    """The same running numbers mean other rows than those that are stored."""

    code = "intake.running_numbers"
    zh = (
        "“{heading}”列是从 1 开始的连续编号，像表格的序号而不是固定编号："
        "{both} 个已入库的编号中有 {moved} 个"
        "现在对应别的名称、地址或门牌，未写入任何数据。"
        "请在 --mapping 中为 {column} 指定不随排序变化的列，"
        "或去掉此列，住户编号便由小区、楼、单元、门牌生成；确认编号无误、确是内容更新的，加 --yes。"
    )
    en = (
        "Column {heading!r} counts 1, 2, 3 …, as a row number does and a lasting number does not: "
        "{moved} of {both} stored numbers now have another name, address or door; nothing was "
        "written. Name a column for {column} with --mapping that does not change when the list is "
        "sorted, or leave it out so that a household's number is made from compound, building, "
        "unit and door; if the numbers are right and the rows did change, add --yes."
    )


def are_running(keys: pd.Series) -> bool:
    """Tell whether keys are 1, 2, … n, each once, in any order.

    Parameters
    ----------
    keys : Series of str
        Missing ones do not count.
    """
    known = keys.dropna().astype("str")
    if len(known) < FEWEST or not known.str.fullmatch(r"[0-9]{1,7}").all():
        return False
    numbers = known.astype(int)
    return bool(numbers.is_unique and numbers.min() == 1 and numbers.max() == len(numbers))


def read_stored(session: Session, kind: Kind) -> pd.DataFrame:
    """Give what is stored under numbers that may be running ones: its key and its looks."""
    row: Any = Base.metadata.tables[kind.table].c
    looks = [row[name] for name in LOOKS if name in row]
    if kind.key != ("external_id",) or not looks:
        return pd.DataFrame({"external_id": []}, dtype=object)
    query = select(row.external_id, *looks).where(row.external_id.op("~")(_NUMBER))
    return frame_of(session, query.order_by(func.length(row.external_id), row.external_id))


def count_moved(before: pd.DataFrame, after: pd.DataFrame, keys: pd.Series) -> tuple[int, int]:
    """Count the keys of a file that were stored before, and those that look otherwise since.

    Parameters
    ----------
    before, after : DataFrame
        See `read_stored`.
    keys : Series of str

    Returns
    -------
    tuple of two int
        Both, moved.
    """
    was = before[before["external_id"].isin(set(keys.dropna()))].set_index("external_id")
    now = after.set_index("external_id").reindex(was.index)
    same = (was.eq(now) | (was.isna() & now.isna())).all(axis="columns")
    return len(was), int((~same).sum())
