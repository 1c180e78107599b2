"""Who holds the posts of the grids, which are vacant, whose terms run out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session

from api.http import conditional
from api.http.deps import ReadSession, SiteSettings
from api.http.openapi import example, problem_responses
from api.parameters.common import GridLimit
from api.parameters.days import DutyDay, TermDays
from api.parameters.places import After, WithinCode
from api.resources.posts import schemas as shapes
from geo.calendar import today
from geo.people import facts, repository
from geo.people.model import Page, Part
from geo.territory.repository import edition as find_edition

router = APIRouter(prefix="/v1", tags=["posts"])

DEFAULT_LIMIT = 100
PROBLEMS = problem_responses(401, 404, 410, 422, 500, 503)


@dataclass(frozen=True)
class PostQuery:
    """Which grids, on which day."""

    at: DutyDay = None
    code: WithinCode = None
    after: After = None
    limit: GridLimit = DEFAULT_LIMIT

    @property
    def day(self) -> date:
        """The day that is query about."""
        return self.at or today()

    @property
    def part(self) -> Part:
        """The grids of one page."""
        return Part(self.code or "", self.after or "", self.limit or DEFAULT_LIMIT)


Which = Annotated[PostQuery, Depends()]


@router.get(
    "/posts",
    operation_id="posts",
    summary="Who holds the posts of the grids on a day",
    response_model=shapes.Posts,
    responses={**example(shapes.POSTS), **PROBLEMS},
)
def posts(request: Request, session: ReadSession, query: Which) -> Response:
    """List holders by place, post and name; `next` is the address of the following page."""
    page = repository.listed(session, on=query.day, part=query.part)
    return _answer(request, session, query, page, lambda rows: {"posts": rows}, shapes.Posts)


@router.get(
    "/posts/vacancies",
    operation_id="vacancies",
    summary="Posts for one holder that nobody holds on a day",
    response_model=shapes.Vacancies,
    responses={**example(shapes.VACANCIES), **PROBLEMS},
)
def vacancies(request: Request, session: ReadSession, query: Which) -> Response:
    """List vacant posts by place and post, with who comes next where somebody is named."""
    page = repository.vacancies(session, on=query.day, part=query.part)
    return _answer(
        request, session, query, page, lambda rows: {"vacancies": rows}, shapes.Vacancies
    )


@router.get(
    "/posts/ending",
    operation_id="ending_terms",
    summary="Terms that run out within some days, or are held beyond their length",
    response_model=shapes.EndingTerms,
    responses={**example(shapes.ENDING), **PROBLEMS},
)
def ending(
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    query: Which,
    days: TermDays = None,
) -> Response:
    """List terms that run out by place, post and name, with who comes next."""
    within = settings.term_notice_days if days is None else days
    page = repository.ending(session, on=query.day, days=within, part=query.part)
    return _answer(
        request,
        session,
        query,
        page,
        lambda rows: {"days": within, "terms": rows},
        shapes.EndingTerms,
    )


def _answer(
    request: Request,
    session: Session,
    query: PostQuery,
    page: Page,
    named: Callable[[list[dict[str, Any]]], dict[str, Any]],
    shape: type[shapes.PostPage],
) -> Response:
    known = find_edition(session)
    answer = shape.model_validate(
        {
            "at": query.day,
            "edition": known.id,
            "synthetic": known.synthetic,
            "attribution": known.attribution,
            "next": _next(request, query.day, page.more_after),
            **named(_rows(page)),
        }
    )
    return conditional.respond(
        request, answer.model_dump_json().encode(), media_type="application/json"
    )


def _rows(page: Page) -> list[dict[str, Any]]:
    known = facts.posts()
    # JSON knows no NaN; pandas makes one of a column without any value.
    cells = page.rows.astype(object).where(page.rows.notna(), None)
    rows: list[Any] = cells.to_dict("records")
    return [
        {
            **row,
            "code": row["grid_code"],
            "post": known[row["role"]].zh,
            "post_en": known[row["role"]].en,
        }
        for row in rows
    ]


def _next(request: Request, day: date, last_code: str | None) -> str | None:
    if last_code is None:
        return None
    # The pages that follow are of this day, whatever the clock says then.
    kept = {name: value for name, value in request.query_params.items() if name != "after"}
    return f"{request.url.path}?{urlencode({'at': day.isoformat(), **kept, 'after': last_code})}"
