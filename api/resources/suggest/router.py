"""Search as you type."""

from fastapi import APIRouter

from api.http.deps import Gazetteer
from api.http.openapi import example, problem_responses
from api.parameters.common import SuggestLimit
from api.parameters.reviews import Typed
from api.resources.geocode.schemas import SUGGESTIONS, Suggested, Suggestions
from geo.geocoding.review import plain

router = APIRouter(prefix="/v1", tags=["geocoding"])

DEFAULT_LIMIT = 10


@router.get(
    "/suggest",
    operation_id="suggest",
    summary="Places that what was typed may become",
    responses={**example(SUGGESTIONS), **problem_responses(401, 404, 422, 500, 503)},
)
def suggest(gazetteer: Gazetteer, q: Typed, limit: SuggestLimit = DEFAULT_LIMIT) -> Suggestions:
    """Give compounds, communities, landmarks, organisations by characters, pinyin or initials."""
    found = gazetteer.suggester.suggest(q, limit or DEFAULT_LIMIT)
    return Suggestions(suggestions=[Suggested(**plain(each._asdict())) for each in found])
