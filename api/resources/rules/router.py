"""The rules that say who answers for which matter, where."""

from fastapi import APIRouter, Request, Response

from api.http import conditional
from api.http.deps import ReadSession
from api.http.openapi import example, problem_responses
from api.parameters.days import DutyDay
from api.resources.locate.schemas import Place
from api.resources.rules import schemas as shapes
from geo.calendar import today
from geo.routing import repository, service
from geo.territory.repository import edition as find_edition

router = APIRouter(prefix="/v1", tags=["routing"])


@router.get(
    "/rules",
    operation_id="rules",
    summary="The rules in force on a day",
    response_model=shapes.Rules,
    responses={**example(shapes.RULES), **problem_responses(401, 404, 422, 500, 503)},
)
def rules(request: Request, session: ReadSession, at: DutyDay = None) -> Response:
    """Give the set of rules that is in force, by category, level and place."""
    day = at or today()
    there = service.in_force(session, on=day)
    known, departments = find_edition(session), repository.departments(session)
    answer = shapes.Rules(
        rule_set=there.id,
        title=there.title,
        valid_from=there.valid_from,
        valid_to=there.valid_to,
        at=day,
        edition=known.id,
        synthetic=known.synthetic,
        attribution=known.attribution,
        rules=[
            shapes.Rule(
                name=each.name,
                category=each.category,
                level=each.level,
                place=each.place,
                department=Place(code=each.department, name=departments[each.department]),
                limit_h=each.limit_h,
            )
            for each in there.rules
        ],
    )
    return conditional.respond(
        request, answer.model_dump_json().encode(), media_type="application/json"
    )
