"""What each subject is at, as the database keeps it (`schema/versions.sql`)."""

from typing import Literal

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from geo.db import tables as t

Subject = Literal[
    "changes", "figures", "gazetteer", "ground", "incidents", "people", "rules", "territory"
]


def mark(session: Session, *subjects: Subject) -> str:
    """Give a text that is another one whenever a table of the subjects was written to.

    By it is kept what is made from them: a transaction that began first and is committed last
    changes it too, and one that was rolled back leaves nothing of its own.

    Parameters
    ----------
    session : Session
        What it sees is what the mark is of.
    *subjects : str

    Returns
    -------
    str
        32 hexadecimal digits.
    """
    marks = func.string_agg(cast(t.Version.mark, Text), "").aggregate_order_by(t.Version.id)
    query = select(func.md5(func.coalesce(marks, ""))).where(t.Version.subject.in_(subjects))
    return str(session.scalars(query).one())


def number(session: Session, subject: Subject) -> int:
    """Give a number that rises with each statement that wrote to a table of the subject.

    Parameters
    ----------
    session : Session
    subject : str
    """
    query = select(func.coalesce(func.sum(t.Version.number), 0))
    return int(session.scalars(query.where(t.Version.subject == subject)).one())
