"""A month's incidents by network: counts of places, and no incident's own."""

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api.http.conditional import CachedBody
from api.http.deps import Cache, ReadSession, SiteSettings
from api.http.openapi import example, problem_responses
from api.parameters.days import Month
from api.parameters.places import WithinPlace
from api.products import figures
from api.resources.incident_counts.schemas import INCIDENT_COUNTS, CategoryCount, IncidentCounts
from geo.coverage.categories import incidents_by_category
from geo.coverage.repository import newest_month, refuse_without_data

router = APIRouter(prefix="/v1", tags=["incidents"])

COLUMNS = list(CategoryCount.model_fields)


@router.get(
    "/incidents/counts",
    operation_id="incident_counts",
    summary="A month's incidents of a place, by network",
    response_model=IncidentCounts,
    responses={**example(INCIDENT_COUNTS), **problem_responses(401, 404, 410, 422, 500, 503)},
)
def incident_counts(
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    cache: Cache,
    month: Month = None,
    code: WithinPlace = None,
) -> Response:
    """Count what was reported in a month, what stands open, and where it was solved.

    Places with too few households say nothing. A town or the banner is the sum of its communities
    that are not hidden.
    """
    month = month or newest_month(session)
    refuse_without_data(session, month)

    def make() -> CachedBody:
        found = incidents_by_category(
            session, month=month, code=code, settings=settings, hidden=cache.hidden(session)
        )
        basis = figures.basis(session, month)
        answer = {
            "month": f"{month:%Y-%m}",
            "code": code,
            **figures.provenance(session),
            "as_of": basis["as_of"],
            "running": basis["running"],
            "hidden": found is None,
            "categories": [] if found is None else figures.rows(found, COLUMNS),
        }
        return CachedBody(to_json(answer), media_type="application/json")

    return cache.get(session, ("incident_counts", month, code), make).respond(request)
