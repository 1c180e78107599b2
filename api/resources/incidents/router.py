"""Incidents: reported once a key, corrected by whoever saw them as they are, listed, looked at."""

from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Body, Depends, Request, Response
from sqlalchemy.orm import Session

from api.http.deps import CallerLanguage, ReadSession, SiteSettings, WriteSession
from api.http.openapi import example, problem_responses
from api.http.strict_bodies import BodyRoute
from api.parameters.common import PageLimit
from api.parameters.days import Since
from api.parameters.incidents import (
    AfterIncident,
    ExternalId,
    IdempotencyKey,
    IfMatch,
    IncidentCategory,
    IncidentState,
)
from api.parameters.parsers import versions_of
from api.parameters.places import WithinCode
from api.resources.incidents import schemas as shapes
from api.resources.locate.schemas import Place
from api.resources.route.schemas import PossibleGrid
from geo.crs import one_to_cgcs2000
from geo.errors import Language
from geo.incidents import explaining, rules, service
from geo.incidents.model import Correction, Decision, Detail, Filter, Incident, Report, Spot
from geo.incidents.service import Desk
from geo.routing.router import Router

router = APIRouter(prefix="/v1", tags=["incidents"], route_class=BodyRoute)

DEFAULT_LIMIT = 100
# Fields that an incident and a decision have alike here and on the wire.
LISTED = (
    "external_id",
    "category",
    "reported_at",
    "closed_at",
    "solved_at_level",
    "address",
    "description",
    "longitude",
    "latitude",
    "match",
    "distance_m",
    "version",
)
DECIDED = (
    "decided_at",
    "cause",
    "placed_by",
    "longitude",
    "latitude",
    "accuracy_m",
    "category",
    "match",
    "distance_m",
)
PROBLEMS = problem_responses(401, 404, 422, 500, 503)


def _desk(request: Request, settings: SiteSettings) -> Desk:
    state = request.app.state
    return Desk(settings, state.routers, state.geocoders)


AtDesk = Annotated[Desk, Depends(_desk)]


@router.post(
    "/incidents",
    operation_id="report_incident",
    summary="Report an incident: it is placed, routed and stored with its decision",
    response_model=shapes.IncidentDetail,
    responses={
        200: {
            "description": "This report came before under this key: the incident that it made.",
            **example(shapes.DETAIL)[200],
        },
        201: {
            "model": shapes.IncidentDetail,
            "description": "Stored.",
            **example(shapes.DETAIL)[200],
        },
        **problem_responses(400, 401, 404, 409, 413, 422, 500, 503),
    },
)
def report(
    request: Request,
    response: Response,
    session: WriteSession,
    desk: AtDesk,
    language: CallerLanguage,
    told: Annotated[shapes.IncidentReport, Body(examples=[shapes.REPORT])],
    idempotency_key: IdempotencyKey,
) -> shapes.IncidentDetail:
    """Store an incident once, whatever becomes of the answer: send it again with the same key.

    What has no grid is stored too and waits under `/v1/incidents?state=unplaced` with the reason.
    Others that may be the same are named in `similar`; nothing is merged.
    """
    given = Report(
        category=told.category,
        reported_at=told.reported_at,
        spot=_spot(told.position),
        address=told.address,
        description=told.description,
        external_id=told.external_id,
    )
    done = service.report(session, desk, given, key=idempotency_key)
    response.status_code = 201 if done.is_new else 200
    number = quote(done.detail.incident.external_id, safe="")
    response.headers["Location"] = f"{request.url.path}/{number}"
    return _answered(request, response, session, desk, done.detail, language)


@router.get(
    "/incidents",
    operation_id="incidents",
    summary="Incidents by number: by state, category, grid and day, or those that wait for a grid",
    responses={**example(shapes.INCIDENTS), **PROBLEMS},
)
def incidents(  # noqa: PLR0913 - each filter is a parameter
    request: Request,
    response: Response,
    session: ReadSession,
    desk: AtDesk,
    language: CallerLanguage,
    *,
    state: IncidentState = None,
    category: IncidentCategory = None,
    code: WithinCode = None,
    since: Since = None,
    after: AfterIncident = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> shapes.Incidents:
    """Give a page of incidents; `next` is the address of the following one."""
    response.headers["Cache-Control"] = "no-store"
    most = limit or DEFAULT_LIMIT
    wanted = Filter(state, category, code, since)
    found = service.page(session, wanted, after=after, limit=most + 1)
    shown = found[:most]
    names = _Names(desk.routers.today(), language)
    said = explaining.waiting(
        session, [each.incident for each in shown], names.router, language=language
    )
    more = shown[-1].incident.external_id if len(found) > most else None
    return shapes.Incidents(
        incidents=[
            shapes.ListedIncident(**names.listed(each.incident, each.decision, said))
            for each in shown
        ],
        next=_next(request, more),
    )


@router.get(
    "/incidents/{external_id:path}",
    operation_id="incident",
    summary="One incident with its decisions, its states, and others that may be the same",
    responses={**example(shapes.DETAIL), **PROBLEMS},
)
def incident(
    request: Request,
    response: Response,
    session: ReadSession,
    desk: AtDesk,
    language: CallerLanguage,
    external_id: ExternalId,
) -> shapes.IncidentDetail:
    """Give an incident; its ETag is what a change has to name."""
    detail = service.look(session, desk, external_id)
    return _answered(request, response, session, desk, detail, language)


@router.patch(
    "/incidents/{external_id:path}",
    operation_id="correct_incident",
    summary="Move an incident's state, or correct its category or place",
    responses={
        **example(shapes.CORRECTED),
        **problem_responses(400, 401, 404, 409, 412, 413, 422, 428, 500, 503),
    },
)
def correct(
    request: Request,
    response: Response,
    session: WriteSession,
    desk: AtDesk,
    language: CallerLanguage,
    external_id: ExternalId,
    wanted: Annotated[shapes.IncidentCorrection, Body(examples=[shapes.CORRECTION])],
    if_match: IfMatch = None,
) -> shapes.IncidentDetail:
    """Change what is named and leave the rest; another place or category is decided anew.

    If-Match is the ETag of the incident that you saw: 412 where it has changed since, 428 where
    none is named. New boundaries and rules change incidents too.
    """
    change = Correction(
        state=wanted.state,
        solved_at_level=wanted.solved_at_level,
        note=wanted.note,
        category=wanted.category,
        spot=_spot(wanted.position),
        address=wanted.address,
    )
    seen = () if if_match is None else versions_of(if_match)
    detail = service.correct(session, desk, external_id, change, seen=seen)
    return _answered(request, response, session, desk, detail, language)


def _spot(given: shapes.IncidentPosition | None) -> Spot | None:
    if given is None:
        return None
    longitude, latitude = one_to_cgcs2000(
        longitude=given.longitude, latitude=given.latitude, datum=given.datum
    )
    return Spot(longitude, latitude, given.accuracy_m)


def _next(request: Request, after: str | None) -> str | None:
    if after is None:
        return None
    kept = {k: v for k, v in request.query_params.items() if k != "after"}
    return f"{request.url.path}?{urlencode({**kept, 'after': after})}"


def _answered(
    request: Request,
    response: Response,
    session: Session,
    desk: Desk,
    detail: Detail,
    language: Language,
) -> shapes.IncidentDetail:
    # What happened at somebody's home is nobody's business but the caller's.
    response.headers["Cache-Control"] = "no-store"
    response.headers["ETag"] = f'"{detail.incident.version}"'
    names = _Names(desk.routers.today(), language)
    this, latest = detail.incident, detail.decisions[0] if detail.decisions else None
    said = explaining.waiting(session, [this], names.router, language=language)
    reason = said.get(this.number, "")
    if latest is not None and latest.grid_code is not None:
        territories = request.app.state.territories
        reason = explaining.reason(session, territories, latest, names.router, language=language)
    return shapes.IncidentDetail(
        **names.listed(this, latest, said),
        reason=reason,
        may_become=list(rules.may_become(this.state)),
        decisions=[names.decision(each) for each in detail.decisions],
        moves=[
            shapes.IncidentMove(moved_at=each.moved_at, state=each.state, note=each.note)
            for each in detail.moves
        ],
        similar=[
            shapes.SimilarIncident.model_validate(each, from_attributes=True)
            for each in detail.similar
        ],
        synthetic=names.router.edition.synthetic,
        attribution=names.router.edition.attribution,
    )


class _Names:
    """What codes stand for today; what is no more has its code alone."""

    def __init__(self, router: Router, language: Language) -> None:
        self.router = router
        self._language = language

    def listed(
        self, incident: Incident, decision: Decision | None, said: dict[int, str]
    ) -> dict[str, Any]:
        """Give the fields of `ListedIncident`."""
        state = rules.state_of(incident.state)
        kind = self.router.categories.get(incident.category)
        unplaced = None
        if incident.unplaced_reason is not None:
            unplaced = shapes.UnplacedReason(
                code=incident.unplaced_reason, reason=said[incident.number]
            )
        return {
            **{name: getattr(incident, name) for name in LISTED},
            "category_name": None if kind is None else self._in_words(kind.name, kind.name_en),
            "state": incident.state if state is None else state.code,
            "state_name": incident.state
            if state is None
            else self._in_words(state.name, state.name_en),
            "grid": self._grid(incident.grid_code),
            "unplaced": unplaced,
            **self._duty(decision),
        }

    def decision(self, decision: Decision) -> shapes.IncidentDecision:
        """Give a decision on the wire."""
        basis = decision.basis
        return shapes.IncidentDecision(
            **{name: getattr(decision, name) for name in DECIDED},
            at=basis.at,
            edition=basis.edition,
            rule_set=basis.rule_set,
            nearest_limit_m=basis.nearest_limit_m,
            grid=self._grid(decision.grid_code),
            **self._duty(decision),
            candidates=[
                PossibleGrid(grid=self._grid(each.grid_code), probability=each.probability)
                for each in decision.candidates
            ],
        )

    def _duty(self, decision: Decision | None) -> dict[str, Any]:
        code = None if decision is None else decision.department
        department = None
        if code is not None:
            department = Place(code=code, name=self.router.departments.get(code))
        return {
            "department": department,
            "limit_h": None if decision is None else decision.limit_h,
            "rule": None if decision is None else decision.rule,
        }

    def _grid(self, code: str | None) -> Place | None:
        if code is None:
            return None
        there = code in self.router.snapshot.names.index
        return Place(code=code, name=self.router.names(code)[0] if there else None)

    def _in_words(self, zh: str, en: str) -> str:
        return zh if self._language == "zh" else en
