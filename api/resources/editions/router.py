"""The published states of the territory."""

from fastapi import APIRouter, Request, Response

from api.http import conditional
from api.http.deps import ReadSession
from api.http.openapi import example, problem_responses
from api.resources.editions.schemas import EDITION, Edition, Editions
from geo.territory import repository

router = APIRouter(prefix="/v1", tags=["territory"])


@router.get(
    "/editions",
    operation_id="editions",
    summary="Every published edition, newest first",
    response_model=Editions,
    responses={
        **example({"editions": [EDITION], "planned": []}),
        **problem_responses(401, 422, 500, 503),
    },
)
def editions(request: Request, session: ReadSession) -> Response:
    """List the editions that took effect, and apart from them those that are planned."""
    found = [Edition.model_validate(each) for each in repository.editions(session)]
    planned = [Edition.model_validate(each) for each in repository.planned(session)]
    body = Editions(editions=found, planned=planned).model_dump_json().encode()
    return conditional.respond(request, body, media_type="application/json")
