"""What incidents are about: the list of networks and their matters."""

from fastapi import APIRouter, Request, Response

from api.http import conditional
from api.http.deps import ReadSession
from api.http.openapi import example, problem_responses
from api.resources.categories import schemas as shapes
from geo.routing import repository
from geo.routing.model import Category

router = APIRouter(prefix="/v1", tags=["routing"])


@router.get(
    "/categories",
    operation_id="categories",
    summary="Categories of incidents: networks, and the matters of each",
    response_model=shapes.Categories,
    responses={**example(shapes.CATEGORIES), **problem_responses(401, 422, 500, 503)},
)
def categories(request: Request, session: ReadSession) -> Response:
    """List every category by code, with its names, the words that mean it, and its source."""
    known = repository.categories(session).values()
    listed = [
        shapes.Network(
            **_matter(network).model_dump(),
            matters=[_matter(each) for each in known if each.parent == network.code],
        )
        for network in known
        if network.parent is None
    ]
    body = shapes.Categories(categories=listed).model_dump_json().encode()
    return conditional.respond(request, body, media_type="application/json")


def _matter(category: Category) -> shapes.Matter:
    return shapes.Matter(
        code=category.code,
        name=category.name,
        name_en=category.name_en,
        aliases=list(category.aliases),
        source=category.source,
    )
