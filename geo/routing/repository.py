"""All SQL of categories and rules: read what holds on a day, write what was loaded."""

from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Date, Select, cast, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE
from geo.db import tables as t
from geo.db.copy import copy_frame
from geo.routing.model import LADDER, Category, Rule, RuleSet

# Sets are numbered one after the other.
_LOCK = 0x2B1E_5E7


def categories(session: Session) -> dict[str, Category]:
    """Give every category by its code, a network before its matters."""
    rows = session.scalars(select(t.Category).order_by(t.Category.code))
    return {
        row.code: Category(
            row.code, row.parent, row.name, row.name_en, tuple(row.aliases), row.source
        )
        for row in rows
    }


def put_categories(session: Session, categories: list[Category]) -> None:
    """Insert categories, or give those that are there what is said of them anew."""
    if not categories:
        return
    adding = upsert(t.Category)
    told = ("parent", "name", "name_en", "aliases", "source")
    new = {name: adding.excluded[name] for name in told}
    rows = [{**asdict(each), "aliases": list(each.aliases)} for each in categories]
    session.execute(adding.on_conflict_do_update(index_elements=["code"], set_=new).values(rows))


def departments(session: Session) -> dict[str, str]:
    """Give the names of the organisations that rules may name, by `external_id`."""
    body = t.Organisation
    rows = session.execute(select(body.external_id, body.name).order_by(body.external_id))
    return {number: name for number, name in rows}  # noqa: C416 - rows are no pairs to mypy


def rule_set(session: Session, *, on: date) -> RuleSet | None:
    """Give the rules in force on a day, or None."""
    return _rule_set(session, _sets().where(t.RuleSet.valid.contains(literal(on))))


def rule_set_number(session: Session, *, on: date) -> int | None:
    """Give the number of the rules in force on a day, or None."""
    row = t.RuleSet
    return session.scalar(select(row.id).where(row.valid.contains(literal(on))))


def rule_set_by_id(session: Session, number: int) -> RuleSet | None:
    """Give a rule set by its number, or None."""
    return _rule_set(session, _sets().where(t.RuleSet.id == number))


def newest_rule_set(session: Session) -> RuleSet | None:
    """Give the set that starts last, or None where there is none."""
    row = t.RuleSet
    return _rule_set(session, _sets().order_by(func.lower(row.valid).desc()).limit(1))


def department_words(session: Session) -> dict[str, tuple[str, ...]]:
    """Give the names and aliases of every organisation by `external_id`."""
    body = t.Organisation
    query = select(body.external_id, body.name, body.aliases).order_by(body.external_id)
    return {number: (name, *aliases) for number, name, aliases in session.execute(query)}


def take_turn(session: Session) -> None:
    """Wait until nobody else loads rules; ours ends with the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def keep_rules(session: Session) -> None:
    """Let no rules be loaded until the transaction ends; wait first for some that are.

    For whoever writes down what rules say: decided by one set and written after the next was
    loaded it would stay as it is. To be called after `geo.territory.repository.keep_edition` and
    before rows are locked, by everybody in this order, else two could wait for each other.
    """
    session.execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))


def add_rule_set(session: Session, made: RuleSet) -> None:
    """Add a set, its number and days as they are given; end the one that is open at its start.

    Raises
    ------
    sqlalchemy.exc.IntegrityError
        If it overlaps another, or a category or an organisation is not there.
    """
    row = t.RuleSet
    session.execute(
        update(row)
        .where(func.upper_inf(row.valid), func.lower(row.valid) < made.valid_from)
        .values(valid=func.daterange(func.lower(row.valid), made.valid_from))
    )
    valid = Range(made.valid_from, made.valid_to)
    session.execute(insert(row).values(id=made.id, title=made.title, valid=valid))
    body = t.Organisation
    known = {rule.department for rule in made.rules}
    query = select(body.external_id, body.id).where(body.external_id.in_(known))
    numbers = {external_id: number for external_id, number in session.execute(query)}  # noqa: C416
    rows = pd.DataFrame([asdict(rule) for rule in made.rules]).assign(rule_set=made.id)
    rows["department_id"] = rows.pop("department").map(numbers)
    copy_frame(session, t.Rule.__tablename__, rows)


def placed_incidents(
    session: Session, *, since: date | None = None, until: date | None = None
) -> pd.DataFrame:
    """List the incidents that have a grid.

    Parameters
    ----------
    session : Session
    since, until : date, optional
        Days of the report in the banner, half-open.

    Returns
    -------
    DataFrame
        `external_id`, `category`, `reported_at`, `closed_at`, `grid_code`; by `external_id`.
    """
    row = t.Incident
    columns = (row.external_id, row.category, row.reported_at, row.closed_at, row.grid_code)
    reported_on = cast(func.timezone(SITE_TIMEZONE, row.reported_at), Date)
    query = select(*columns).where(row.grid_code.is_not(None)).order_by(row.external_id)
    if since is not None:
        query = query.where(reported_on >= since)
    if until is not None:
        query = query.where(reported_on < until)
    result = session.execute(query)
    return pd.DataFrame(result.all(), columns=list(result.keys()))


def _sets() -> Select[Any]:
    row = t.RuleSet
    return select(row.id, row.title, func.lower(row.valid), func.upper(row.valid))


def _rule_set(session: Session, query: Select[Any]) -> RuleSet | None:
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    number, title, valid_from, valid_to = found
    return RuleSet(number, title, valid_from, valid_to, _rules(session, number))


def _rules(session: Session, number: int) -> tuple[Rule, ...]:
    row, body = t.Rule, t.Organisation
    query: Any = (
        select(row.name, row.category, row.level, row.place, body.external_id, row.limit_h)
        .join(body, body.id == row.department_id)
        .where(row.rule_set == number)
    )
    rules = (Rule(*each) for each in session.execute(query).all())
    return tuple(
        sorted(rules, key=lambda rule: (rule.category, LADDER.index(rule.level), rule.place))
    )
