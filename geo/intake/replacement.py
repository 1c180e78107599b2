"""A delivery of visits that replaces what its organisations delivered of the same months."""

import pandas as pd
from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.errors import ConflictError
from geo.intake.repository import frame_of


class ManyWithdrawnError(ConflictError):
    """A delivery that replaces would withdraw a large share of what is stored."""

    code = "intake.many_withdrawn"
    zh = (
        "替换将撤回这些单位这些月份已入库 {stored} 次走访中的 {count} 次"
        "（{share:.0%}，上限 {limit:.0%}），未写入任何数据。"
        "请核对文件是否包含整月（先用 --dry-run 查看）；"
        "确认无误后加 --yes，上限见 BANNERGRID_LARGE_CHANGE_SHARE。"
    )
    en = (
        "{count} of the {stored} visits stored of these organisations and months would be "
        "withdrawn ({share:.0%}, at most {limit:.0%}); nothing was written. Make sure that the "
        "file has the whole month (--dry-run shows what changes), then add --yes; the limit is "
        "BANNERGRID_LARGE_CHANGE_SHARE."
    )


KEY = ["household_id", "cadre_id", "visited_on"]


def find_withdrawn(
    session: Session, keys: pd.DataFrame, taken: pd.Series
) -> tuple[pd.DataFrame, int]:
    """Find the stored visits that a delivery does not hold any more.

    Looked at are the organisations of the cadres, each with the months in which the delivery has a
    good row of it; nothing of another organisation or month.

    Parameters
    ----------
    session : Session
        In which the delivery was loaded.
    keys : DataFrame
        `household_id`, `cadre_id` (their numbers) and `visited_on` of all rows, also of rejected
        ones: what a rejected row names is not withdrawn.
    taken : Series of bool
        Which rows were good.

    Returns
    -------
    tuple of DataFrame and int
        `id`, `household_id`, `cadre_id`, `visited_on`, `purpose` of the visits to withdraw, by
        these; and how many of these organisations and months were stored with them.
    """
    good = keys[taken]
    days = sorted(set(good["visited_on"].dropna()))
    cadres = sorted(set(good["cadre_id"].dropna()))
    if not days or not cadres:
        return pd.DataFrame(columns=["id", *KEY, "purpose"]), 0
    labels = dict(
        session.execute(
            select(day := func.unnest(days).column_valued("day"), func.coverage_label(day))
        ).all()
    )
    sender = dict(
        session.execute(
            select(t.Cadre.external_id, t.Cadre.organisation_id).where(
                t.Cadre.external_id == func.any(cadres)
            )
        ).all()
    )
    pairs = {
        (sender[cadre], labels[day])
        for cadre, day in zip(good["cadre_id"], good["visited_on"], strict=True)
    }
    query = (
        select(
            t.Visit.id,
            t.Household.external_id.label("household_id"),
            t.Cadre.external_id.label("cadre_id"),
            t.Visit.visited_on,
            t.Visit.purpose,
        )
        .join(t.Household, t.Household.id == t.Visit.household_id)
        .join(t.Cadre, t.Cadre.id == t.Visit.cadre_id)
        .where(
            tuple_(t.Cadre.organisation_id, func.coverage_label(t.Visit.visited_on)).in_(
                sorted(pairs)
            )
        )
        .order_by(t.Visit.visited_on, t.Household.external_id, t.Cadre.external_id)
    )
    stored = frame_of(session, query)
    named = pd.MultiIndex.from_frame(keys[KEY].dropna().astype(object))
    held = pd.MultiIndex.from_frame(stored[KEY].astype(object)).isin(named)
    return stored[~held].reset_index(drop=True), len(stored)


def withdraw(session: Session, rows: pd.DataFrame) -> None:
    """Take visits out; the figures of their months follow by the triggers of the table."""
    session.execute(
        delete(t.Visit)
        .where(t.Visit.id == func.any([int(each) for each in rows["id"]]))
        .execution_options(synchronize_session=False)
    )
