"""A month's incidents by network: counts of places, and no incident's own."""

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api import figures
from api.conditional import Kept
from api.deps import KeptAnswers, ReadSession, SiteSettings
from api.openapi import example, problem_responses
from api.parameters import Month, WithinCode
from api.schemas.incident_counts import INCIDENT_COUNTS, CategoryCount, IncidentCounts
from geo.coverage.categories import incidents_by_category
from geo.coverage.repository import newest_month, refuse_without_data

router = APIRouter(prefix="/v1", tags=["incidents"])

COLUMNS = list(CategoryCount.model_fields)


@router.get(
    "/incidents/counts",
    operation_id="incident_counts",
    summary="A month's incidents of a place, by network",
    response_model=IncidentCounts,
    responses={**example(INCIDENT_COUNTS), **problem_responses(401, 404, 422, 500, 503)},
)
def incident_counts(
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    kept: KeptAnswers,
    month: Month = None,
    code: WithinCode = None,
) -> Response:
    """Count what was reported in a month, what stands open, and where it was solved.

    Places with too few households say nothing. A town or the banner is the sum of its communities
    that are not hidden.
    """
    month = month or newest_month(session)
    refuse_without_data(session, month)

    def made() -> Kept:
        found = incidents_by_category(
            session, month=month, code=code, settings=settings, hidden=kept.hidden(session)
        )
        rests_on = figures.rests_on(session, month)
        answer = {
            "month": f"{month:%Y-%m}",
            "code": code,
            **figures.said(session),
            "as_of": rests_on["as_of"],
            "running": rests_on["running"],
            "hidden": found is None,
            "categories": [] if found is None else figures.rows(found, COLUMNS),
        }
        return Kept(to_json(answer), media_type="application/json")

    return kept.get(session, ("incident_counts", month, code), made).answer(request)
