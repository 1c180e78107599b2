"""What a load changed about the places that show no figures, and why, in sentences."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage.privacy import LEAST, REDRAWN, hidden_codes
from geo.db import tables as t

NAMED = 10  # places of a sentence; of more it says how many


class HiddenChanges(NamedTuple):
    """Places by what has changed about them, as "code name", by code.

    Parameters
    ----------
    few : list of str
        Hidden now: fewer than k households, or a place beside it has.
    redrawn : list of str
        Hidden now: less the figures of an earlier edition its own would tell of fewer than k.
    shown : list of str
        Shown again.
    """

    few: list[str]
    redrawn: list[str]
    shown: list[str]


def compare_hidden(
    session: Session, before: Collection[str], *, min_households: int
) -> HiddenChanges:
    """Compare which places are hidden with which were.

    Parameters
    ----------
    session : Session
    before : collection of str
        As `geo.coverage.privacy.hidden_codes` gave them before the load.
    min_households : int
    """
    now = hidden_codes(session, min_households=min_households)
    newest = select(func.max(t.Edition.id)).where(t.TOOK_EFFECT).scalar_subquery()
    noted = select(t.CoverageHidden.code).where(
        t.CoverageHidden.edition == newest, t.CoverageHidden.reason == REDRAWN
    )
    redrawn = set(session.scalars(noted))
    gone = now - set(before)
    called = _names(session, gone | set(before))

    def listed(codes: Collection[str]) -> list[str]:
        return [f"{code} {called[code]}" for code in sorted(codes) if code in called]

    return HiddenChanges(listed(gone - redrawn), listed(gone & redrawn), listed(set(before) - now))


def _names(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Give the names of grids of either level that are there today."""
    version = t.GridVersion
    newest = select(func.max(t.Edition.id)).where(t.TOOK_EFFECT).scalar_subquery()
    rows = session.execute(
        select(version.code, version.name).where(
            version.code.in_(list(codes)),
            version.editions.contains(newest),
            version.valid.contains(today()),
        )
    )
    return {code: name for code, name in rows}  # noqa: C416 - rows are no pairs to dict


def sentences(changes: HiddenChanges, *, min_households: int) -> Iterator[tuple[str, str]]:
    """Say what has changed, in Chinese and in English; nothing where nothing has.

    Parameters
    ----------
    changes : HiddenChanges
    min_households : int
    """
    k = max(LEAST, min_households)
    said = (
        (
            changes.few,
            f"不再公布数字（登记户数不足 {k} 户，或公布后可推算出不足 {k} 户的邻近网格）",
            f"no longer published (fewer than {k} households, or a place beside it has fewer)",
        ),
        (
            changes.redrawn,
            f"不再公布数字（与边界不同的旧版数字相减，可推算出不足 {k} 户）",
            f"no longer published (an earlier edition's figures would tell fewer than {k})",
        ),
        (changes.shown, "恢复公布数字", "published again"),
    )
    for places, zh, en in said:
        if places:
            more = len(places) - NAMED
            rest = (f"，另有 {more} 处", f", and {more} more") if more > 0 else ("", "")
            yield (
                f"{zh}：{'、'.join(places[:NAMED])}{rest[0]}",
                f"{en}: {', '.join(places[:NAMED])}{rest[1]}",
            )
