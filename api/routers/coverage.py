"""Months and their figures: places, never people."""

from fastapi import APIRouter, Request, Response

from api import conditional
from api.deps import ReadSession
from api.openapi import example, problem_responses
from api.parameters import MapLevel, Month
from api.schemas.coverage import COVERAGE, Coverage, Figure, Months
from geo.coverage import repository
from geo.territory.repository import edition as find_edition

router = APIRouter(prefix="/v1", tags=["coverage"])

COLUMNS = list(Figure.model_fields)


@router.get(
    "/months",
    operation_id="months",
    summary="The months that have data",
    response_model=Months,
    responses={
        **example({"months": ["2026-09", "2026-10"], "synthetic": True, "edition": 1}),
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def months(request: Request, session: ReadSession) -> Response:
    """List the months that have data, newest last, with the edition in force."""
    known = find_edition(session)
    listed = [f"{month:%Y-%m}" for month in repository.months(session)]
    answer = Months(months=listed, synthetic=known.synthetic, edition=known.id)
    return conditional.answer(
        request, answer.model_dump_json().encode(), media_type="application/json"
    )


@router.get(
    "/coverage",
    operation_id="coverage",
    summary="Households reached in a month, by grid",
    response_model=Coverage,
    responses={
        **example(COVERAGE),
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def coverage(
    request: Request, session: ReadSession, month: Month = None, level: MapLevel = None
) -> Response:
    """Give the figures of a month by grid code."""
    month, level = month or repository.newest_month(session), level or 2
    frame = repository.figures(session, month=month, level=level)[COLUMNS]
    # JSON knows no NaN: a grid without households has no rate.
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    known = find_edition(session)
    answer = Coverage.model_validate(
        {
            "month": f"{month:%Y-%m}",
            "level": level,
            "edition": known.id,
            "synthetic": known.synthetic,
            "attribution": known.attribution,
            "figures": rows,
        }
    )
    return conditional.answer(
        request, answer.model_dump_json().encode(), media_type="application/json"
    )
