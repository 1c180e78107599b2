"""Report an incident, correct one, look at one: placed, routed, stored with the decision.

Everything that writes incidents locks the edition and the rules first (`keep`), so that nothing is
stored by an edition or a set that is gone: publishing and loading rules wait, and then route anew
what is there. The caller commits.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE, today
from geo.errors import ConflictError, InputError, NotFoundError, StaleError, UnseenError
from geo.geocoding.service import GeocoderCache
from geo.incidents import deciding, decisions, moving, placing, repository, routers, rules
from geo.incidents.model import Cause, Correction, Detail, Filter, Incident, Listed, Place, Report
from geo.intake.addresses import Addressed
from geo.intake.facts import kind
from geo.intake.repository import take_turn
from geo.routing import repository as routing
from geo.routing.live import Routers
from geo.settings import Settings
from geo.territory import repository as territory
from geo.text import plain

# Any version at all: the incident is changed whatever became of it since.
ANY = "*"
_NEAR = 3
_SHOWN = 60


class IncidentNotFoundError(NotFoundError):
    """No incident of that number."""

    code = "incident.not_found"
    zh = "没有编号为“{got}”的事件。/v1/incidents 列出已有的事件。"
    en = "There is no incident {got!r}. /v1/incidents lists them."


class IncidentThereError(ConflictError):
    """An incident of that number is there, reported by another request."""

    code = "incident.there"
    zh = "编号“{got}”的事件已存在。修改请用 PATCH；另报一件请换编号，或不写编号。"
    en = (
        "There is an incident {got!r} already. Change it with PATCH; to report another, give "
        "another number or none."
    )


class KeyTakenError(ConflictError):
    """The key came with another request before."""

    code = "incident.key_taken"
    zh = (
        "幂等键“{key}”已用于另一份内容不同的上报（事件 {incident}）。"
        "重发请保持内容不变；另报一件请换新的 Idempotency-Key。"
    )
    en = (
        "The key {key!r} came with another report before (incident {incident}). Send that one as "
        "it was, or take a new Idempotency-Key for this one."
    )


class NumberReservedError(InputError):
    """At the address of an incident of this number something else is found."""

    code = "incident.number"
    zh = "编号不能是“{got}”：网址 /v1/incidents/{got} 另有含义，请换一个，或不写编号。"
    en = (
        "No incident can have the number {got!r}: at /v1/incidents/{got} something else is found. "
        "Take another, or none."
    )


class VersionMissingError(UnseenError):
    """A change of an incident must name the version of it that was seen."""

    code = "incident.version_missing"
    zh = "修改事件须在 If-Match 中写明所见的版本：先读取该事件，把答复中的 ETag 原样写入。"
    en = (
        "To change an incident, say in If-Match which state of it you saw: read it first and send "
        "its ETag as it came."
    )


class IncidentChangedError(StaleError):
    """Somebody or something changed the incident meanwhile."""

    code = "incident.changed"
    zh = "事件“{got}”在读取之后已被修改（也可能因网格或规则调整而重新派遣）。请重新读取后再改。"
    en = (
        "The incident {got!r} has changed since you read it; new boundaries or rules may have "
        "routed it anew. Read it again, then change it."
    )


class CategoryUnknownError(InputError):
    """A category that is not in the list."""

    code = "category.unknown"
    zh = "没有编码为“{got}”的事项类别；相近的有：{near}。/v1/categories 列出全部。"
    en = "There is no category {got!r}; near to it: {near}. /v1/categories lists them all."


class ReportedLaterError(InputError):
    """An incident is reported on a day that has not come."""

    code = "incident.reported_at"
    zh = "上报时间 {got} 晚于今天 {today}，请核对日期和时区。"
    en = "It was reported at {got}, later than today, {today}; correct the day or the offset."


@dataclass(frozen=True)
class Desk:
    """What incidents are taken in with.

    Parameters
    ----------
    settings : Settings
        `nearest_limit_m`, `geocode_accept`, `duplicate_radius_m`, `duplicate_hours` count here.
    routers : Routers
    geocoders : GeocoderCache
    """

    settings: Settings
    routers: Routers
    geocoders: GeocoderCache


@dataclass(frozen=True)
class Reported:
    """An incident, and whether this request made it or an earlier one of the same key did."""

    detail: Detail
    is_new: bool


def keep(session: Session) -> None:
    """Let no edition be published and no rules be loaded until the transaction ends."""
    territory.keep_edition(session)
    routing.keep_rules(session)


def keep_turn(session: Session) -> None:
    """Take a load's turn, then `keep`: for loads of incidents, before they write."""
    take_turn(session)
    keep(session)


def report(session: Session, desk: Desk, told: Report, *, key: str) -> Reported:
    """Store an incident with its place, its decision and its first state, once a key.

    What has no grid is stored too, with the reason, and waits. Others that may be the same are
    named; nothing is merged.

    Parameters
    ----------
    session : Session
        Of READ COMMITTED: it waits for an earlier request of the same key and then sees its work.
    desk : Desk
    told : Report
    key : str
        The sender's name for this request. The same key and report again give the same incident.

    Returns
    -------
    Reported

    Raises
    ------
    KeyTakenError
        If the key came with another report.
    CategoryUnknownError, ReportedLaterError, NumberReservedError, IncidentThereError
        If the report cannot be used.
    EditionNotFoundError, DayNotCoveredError
        If no territory is published, or none for today.
    """
    if told.external_id in kind("incidents").columns["external_id"].reserved:
        raise NumberReservedError(got=told.external_id)
    keep(session)
    repository.take_key(session, key)
    sha256 = rules.digest(asdict(told))
    known = repository.known_key(session, key)
    if known is not None:
        if known[0] != sha256:
            raise KeyTakenError(key=key, incident=known[1])
        return Reported(look(session, desk, known[1]), is_new=False)
    _check_category(session, told.category)
    reported_at = _moment(session, told.reported_at)
    router = routers.current(session, desk.routers)
    place, done = _place(session, desk, told)
    decided = deciding.decide_one(router, place, told.category)
    values = {
        "category": told.category,
        "reported_at": reported_at,
        "state": rules.FIRST,
        "address": told.address,
        "description": told.description,
        **placing.location_columns(session, router, place, decided),
    }
    number, external_id = _add(session, told, values, place)
    _keep(session, number, "reported", decided)
    repository.add_move(session, number, rules.FIRST, None)
    repository.keep_key(session, key, sha256, number)
    placing.remember(session, external_id, done)
    return Reported(look(session, desk, external_id), is_new=True)


def correct(
    session: Session,
    desk: Desk,
    external_id: str,
    wanted: Correction,
    *,
    seen: Collection[str],
) -> Detail:
    """Change the state, category or place of an incident, as whoever saw a version of it wants.

    A state follows those that `states.toml` allows; the one that it is in is no change. Another
    place or category is decided anew. An address is read only where the incident has no position
    of its own, as in files; one that cannot be read lets it wait again.

    Parameters
    ----------
    session : Session
        Of READ COMMITTED.
    desk : Desk
    external_id : str
    wanted : Correction
    seen : collection of str
        Versions of it of which one is the present one, or `ANY`. Who names none would overwrite
        what somebody else did meanwhile, and not know.

    Returns
    -------
    Detail

    Raises
    ------
    VersionMissingError
        If no version is named.
    IncidentNotFoundError
    IncidentChangedError
        If it is another version by now.
    MoveError, SolvedLevelError, CategoryUnknownError
        If the change cannot be made; then nothing is.
    EditionNotFoundError, DayNotCoveredError
        If no territory is published, or none for today.
    """
    if not seen:
        raise VersionMissingError
    keep(session)
    external_id = _as_stored(session, external_id)
    there = repository.lock(session, external_id)
    # A statement of its own: what was waited for is seen whole.
    incident = repository.get(session, external_id) if there else None
    if incident is None:
        raise IncidentNotFoundError(got=external_id[:_SHOWN])
    if ANY not in seen and incident.version not in seen:
        raise IncidentChangedError(got=external_id)
    reopened = moving.move(session, incident, wanted)
    _move_place(session, desk, incident, wanted, reopened=reopened)
    return look(session, desk, external_id)


def look(session: Session, desk: Desk, external_id: str) -> Detail:
    """Give an incident with its decisions, states, and others that may be the same.

    Raises
    ------
    IncidentNotFoundError
    """
    incident = repository.get(session, _as_stored(session, external_id))
    if incident is None:
        raise IncidentNotFoundError(got=external_id[:_SHOWN])
    chosen = desk.settings
    return Detail(
        incident,
        decisions.of_incident(session, incident.number),
        repository.moves(session, incident.number),
        repository.similar(
            session, incident, radius_m=chosen.duplicate_radius_m, hours=chosen.duplicate_hours
        ),
    )


def _as_stored(session: Session, external_id: str) -> str:
    """Give a number as it is compared, unless an incident of old has it as it was written."""
    code = plain(external_id)
    if code == external_id or repository.get(session, external_id) is not None:
        return external_id
    return code


def page(session: Session, wanted: Filter, *, after: str | None, limit: int) -> list[Listed]:
    """List incidents by external id, each with the decision in force; see `repository.page`."""
    found = repository.page(session, wanted, after=after, limit=limit)
    latest = decisions.in_force(session, [each.number for each in found])
    return [Listed(each, latest.get(each.number)) for each in found]


def _check_category(session: Session, code: str) -> None:
    known = repository.category_codes(session)
    if code not in known:
        near = get_close_matches(code, known, n=_NEAR, cutoff=0.0)
        raise CategoryUnknownError(got=code[:_SHOWN], near=", ".join(near) or "—")


def _moment(session: Session, reported_at: datetime | None) -> datetime:
    if reported_at is None:
        return repository.now(session)
    day = today()
    if reported_at.astimezone(ZoneInfo(SITE_TIMEZONE)).date() > day:
        raise ReportedLaterError(got=reported_at.isoformat(), today=day.isoformat())
    return reported_at


def _place(
    session: Session, desk: Desk, told: Report | Correction
) -> tuple[Place, Addressed | None]:
    if told.spot is not None:
        return placing.at(told.spot), None
    if told.address is None:
        return placing.NOTHING, None
    return placing.by_address(
        session,
        told.address,
        gazetteer=lambda: desk.geocoders.get(session, settings=desk.settings),
        settings=desk.settings,
    )


def _keep(session: Session, number: int, cause: Cause, decided: pd.DataFrame) -> None:
    decisions.add(session, decided.assign(incident_id=number, cause=cause))


def _add(session: Session, told: Report, values: dict[str, Any], place: Place) -> tuple[int, str]:
    while True:
        number = repository.next_number(session)
        external_id = told.external_id or f"BG{number:07d}"
        if repository.add(session, number, external_id, values, place.spot):
            return number, external_id
        if told.external_id is not None:
            raise IncidentThereError(got=external_id)


def _move_place(
    session: Session, desk: Desk, incident: Incident, wanted: Correction, *, reopened: bool
) -> None:
    """Decide anew where the place or the category changes, or where what had ended goes on."""
    last = decisions.in_force(session, [incident.number]).get(incident.number)
    new = {k: v for k in ("address", "category") if (v := getattr(wanted, k)) is not None}
    if wanted.category is not None:
        _check_category(session, wanted.category)
    place, done = placing.known(incident, last), None
    own = last is not None and last.placed_by == placing.POSITION and place.spot is not None
    placed = wanted.spot is not None or (wanted.address is not None and not own)
    if placed:
        place, done = _place(session, desk, wanted)
    category = wanted.category or incident.category
    another = last is not None and placing.is_another(place, category, last)
    if last is not None and not (another or placed or reopened):
        if new:
            repository.change(session, incident.number, new)
        return
    router = routers.current(session, desk.routers)
    known_grid = None if placed else incident.grid_code
    decided = deciding.decide_one(router, place, category, known_grid=known_grid)
    cause: Cause | None = "reported"
    if last is not None:
        cause = "moved" if another else deciding.cause(last, decided)
    if cause is not None:
        _keep(session, incident.number, cause, decided)
    columns = placing.location_columns(session, router, place, decided)
    repository.change(session, incident.number, {**new, **columns, "spot": place.spot})
    if placed:
        placing.remember(session, incident.external_id, done)
