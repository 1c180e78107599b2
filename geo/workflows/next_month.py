"""What a later file of the same list does to what is stored: closes, opens again, withdraws."""

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.intake import complete, replacement, running
from geo.intake.model import Kind, Remark, Summary
from geo.settings import Settings


class NextMonth(NamedTuple):
    """How a file follows on what is stored.

    Parameters
    ----------
    complete_list : bool
        Close households that the list lacks, in the places that it has rows of.
    closed_on : date, optional
        The first day on which they are not registered; by default today.
    replaces : bool
        Withdraw visits that the delivery does not hold, of its organisations and months.
    confirmed : bool
        Somebody looked at a large change, or it is only rehearsed: it is told, not refused.
    """

    complete_list: bool = False
    closed_on: date | None = None
    replaces: bool = False
    confirmed: bool = False

    def of(self, kind: str) -> "NextMonth":
        """Give what of it is for lists of a kind."""
        return self._replace(
            complete_list=self.complete_list and kind == "households",
            replaces=self.replaces and kind == "visits",
        )


PLAIN = NextMonth()


def follow(
    session: Session,
    kind: Kind,
    summary: Summary,
    before: pd.DataFrame,
    *,
    how: NextMonth,
    settings: Settings,
) -> tuple[Summary, pd.DataFrame]:
    """Do what follows from a file that was loaded, and add to its summary what was done.

    Parameters
    ----------
    session : Session
    kind : Kind
    summary : Summary
        Of the load, in the same transaction.
    before : DataFrame
        What `geo.intake.running.read_stored` gave before it.
    how : NextMonth
    settings : Settings
        `large_change_share` counts here.

    Returns
    -------
    tuple of Summary and DataFrame
        And the visits that were withdrawn, as a file of visits has them.

    Raises
    ------
    RunningNumbersError, ManyMissingError, UnreadableNumbersError, ManyWithdrawnError
        If much would change and nobody confirmed it.
    """
    remarks = _weigh_numbers(session, kind, summary, before, how)
    withdrawn = pd.DataFrame()
    if kind.name == "households":
        remarks += _complete(session, summary, how, settings)
    if kind.name == "visits" and how.replaces:
        more, withdrawn = _replace(session, summary, how, settings)
        remarks += more
    return replace(summary, remarks=(*summary.remarks, *remarks)), withdrawn


def _weigh_numbers(
    session: Session, kind: Kind, summary: Summary, before: pd.DataFrame, how: NextMonth
) -> list[Remark]:
    if kind.key != ("external_id",) or "external_id" not in summary.headings:
        return []
    keys = summary.keys["external_id"]
    if not running.are_running(keys):
        return []
    heading = summary.headings["external_id"]
    both, moved = running.count_moved(before, running.read_stored(session, kind), keys)
    if both and moved > both * running.MOST and not how.confirmed:
        raise running.RunningNumbersError(
            heading=heading, column="external_id", both=both, moved=moved
        )
    if not both:
        return [Remark("KEY.running", {"heading": heading})]
    if moved > both * running.TOLD_SHARE:
        return [Remark("KEY.moved", {"heading": heading, "both": both, "moved": moved})]
    return []


def _complete(
    session: Session, summary: Summary, how: NextMonth, settings: Settings
) -> list[Remark]:
    keys = summary.keys["external_id"]
    good = keys[~summary.keys["rejected"]]
    opened = complete.open_again(session, good, with_ends="registered_to" in summary.headings)
    remarks = []
    if opened:
        shown = [*opened[: complete.SHOWN], *["…"] * (len(opened) > complete.SHOWN)]
        remarks.append(Remark("LIST.opened", {"count": len(opened), "examples": "、".join(shown)}))
    on = how.closed_on or today()
    missing = complete.find_missing(session, keys, on=on, half=not how.complete_list)
    said = {"count": len(missing.rows), "places": missing.places, "examples": missing.examples}
    if not how.complete_list:
        return [*remarks, Remark("LIST.missing", said)] if len(missing.rows) else remarks
    if not len(missing.rows):
        return [*remarks, Remark("LIST.whole", said)]
    unread = int(keys.isna().sum())
    if unread and not how.confirmed:
        raise complete.UnreadableNumbersError(count=unread)
    large = missing.share > settings.large_change_share
    if large and not how.confirmed:
        raise complete.ManyMissingError(
            count=len(missing.rows),
            open=missing.open,
            share=missing.share,
            limit=settings.large_change_share,
        )
    closed = complete.close_missing(session, missing, on=on)
    said |= {"count": closed, "day": on, "open": missing.open, "share": missing.share}
    remarks.append(Remark("LIST.many" if large else "LIST.closed", said))
    if closed < len(missing.rows):
        remarks.append(Remark("LIST.later", {"count": len(missing.rows) - closed, "day": on}))
    return remarks


def _replace(
    session: Session, summary: Summary, how: NextMonth, settings: Settings
) -> tuple[list[Remark], pd.DataFrame]:
    rows, stored = replacement.find_withdrawn(session, summary.keys, ~summary.keys["rejected"])
    # What this file brought is stored by now, and was not there to be withdrawn.
    earlier = stored - summary.new
    share = len(rows) / earlier if earlier > 0 else 0.0
    large = share > settings.large_change_share
    if large and not how.confirmed:
        raise replacement.ManyWithdrawnError(
            count=len(rows), stored=earlier, share=share, limit=settings.large_change_share
        )
    if len(rows):
        replacement.withdraw(session, rows)
    said = {
        "new": summary.new,
        "withdrawn": len(rows),
        "same": summary.unchanged,
        "share": share,
    }
    remark = Remark("VISITS.many" if large else "VISITS.replaced", said)
    return [remark], rows.drop(columns="id")
