"""Sets of rules in: checked, numbered, valid from a day. The caller commits, or does not."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from geo.calendar import today
from geo.errors import ConflictError, InputError, NotFoundError
from geo.routing import repository
from geo.routing.check import Finding, Known, check
from geo.routing.model import Rule, RuleSet
from geo.territory import repository as territory

if TYPE_CHECKING:
    from geo.errors import Language
    from geo.routing.proposal import Proposal


class RulesRefusedError(InputError):
    """A set of rules has faults; `findings` are all of them, and nothing was loaded."""

    code = "rules.refused"
    zh = "{file} 有 {count} 处问题，未载入任何规则：\n{said_zh}"
    en = "Faults in {file}: {count}; no rule was loaded:\n{said}"

    def __init__(self, file: str, findings: list[Finding]) -> None:
        self.findings = findings

        def said(language: "Language") -> str:
            return "\n".join(f"  {each.code}  {each.message(language)}" for each in findings)

        super().__init__(file=file, count=len(findings), said=said("en"), said_zh=said("zh"))


class RulesTooEarlyError(ConflictError):
    """A set is to hold from a day on which a newer one began, or before."""

    code = "rules.too_early"
    zh = "现有规则从 {newest} 起生效，新规则须晚于这一天（给出的是 {got}），请改 --from。"
    en = "The newest rules hold from {newest}; new ones must start later, not {got}: see --from."


class NoRulesError(NotFoundError):
    """No rules were in force on a day."""

    code = "rules.none"
    zh = "{at} 没有生效的规则。请换一个日期；尚未载入时请先执行 bannergrid rules load。"
    en = (
        "No rules were in force on {at}. Name another day; where there are none yet, run "
        "bannergrid rules load first."
    )


@dataclass(frozen=True)
class Loaded:
    """What became of a set: its number, its days, whether it was there already."""

    rule_set: RuleSet
    is_new: bool


def in_force(session: Session, *, on: date) -> RuleSet:
    """Give the rules in force on a day.

    Raises
    ------
    NoRulesError
        If there are none.
    """
    found = repository.rule_set(session, on=on)
    if found is None:
        raise NoRulesError(at=on.isoformat())
    return found


def known(session: Session) -> Known:
    """Give what rules may speak of: categories, organisations, and the grids of today.

    Raises
    ------
    EditionNotFoundError, DayNotCoveredError
        If no territory is published, or none for today.
    """
    edition, day = territory.edition(session), today()
    territory.span(session, edition, day)  # refuses a day without a territory
    categories = repository.categories(session).values()
    return Known(
        categories={each.code: (each.name, each.name_en, *each.aliases) for each in categories},
        departments=repository.department_words(session),
        grids=tuple(territory.names(session, edition, day).index),
    )


def checked(session: Session, proposal: "Proposal") -> tuple[Rule, ...]:
    """Give the rules of a proposal if nothing is wrong with it.

    Raises
    ------
    RulesRefusedError
        Naming every fault.
    EditionNotFoundError, DayNotCoveredError
        As `known` does.
    """
    rules, findings = check(proposal, known(session))
    if findings:
        raise RulesRefusedError(proposal.file, findings)
    return rules


def load(session: Session, proposal: "Proposal", *, valid_from: date) -> Loaded:
    """Put a set of rules in force from a day on; the one before ends there.

    The newest set once more changes nothing.

    Parameters
    ----------
    session : Session
        Its transaction takes everything.
    proposal : Proposal
    valid_from : date
        After the first day of the newest set.

    Returns
    -------
    Loaded

    Raises
    ------
    RulesRefusedError
        If anything is wrong with the rules.
    RulesTooEarlyError
        If the newest set starts on that day or later.
    EditionNotFoundError, DayNotCoveredError
        As `known` does.
    """
    # What is routed by the new rules in the same transaction is placed by the edition that they
    # were checked with; everybody takes these two locks in this order.
    territory.keep_edition(session)
    repository.take_turn(session)
    rules = checked(session, proposal)
    newest = repository.newest_rule_set(session)
    if newest is not None:
        if (newest.title, set(newest.rules)) == (proposal.title, set(rules)):
            return Loaded(newest, is_new=False)
        if valid_from <= newest.valid_from:
            raise RulesTooEarlyError(
                newest=newest.valid_from.isoformat(), got=valid_from.isoformat()
            )
    number = 1 if newest is None else newest.id + 1
    made = RuleSet(number, proposal.title, valid_from, None, rules)
    repository.add_rule_set(session, made)
    return Loaded(made, is_new=True)
