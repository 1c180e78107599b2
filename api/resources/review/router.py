"""What waits for a person, what they decide, and the names learned from it."""

from collections.abc import Iterator
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Body, Depends, Request, Response
from sqlalchemy.orm import Session

from api.http.deps import CallerLanguage, Gazetteer, ReadSession, SiteSettings, WriteSession
from api.http.openapi import example, problem_responses
from api.http.strict_bodies import BodyRoute
from api.parameters.common import AfterNumber, Number, PageLimit
from api.parameters.reviews import Actor, AliasStanding, ReviewState
from api.resources.review import schemas as shapes
from geo.db import tables as t
from geo.errors import Language
from geo.geocoding import aliases, learning, providers, queue
from geo.geocoding import review as reviews
from geo.geocoding.called import called
from geo.workflows.read_addresses import routing_what_is_placed

router = APIRouter(prefix="/v1", tags=["review"], route_class=BodyRoute)

DEFAULT_LIMIT = 100
PROBLEMS = problem_responses(401, 404, 422, 500, 503)
WRITE_PROBLEMS = problem_responses(400, 401, 404, 409, 413, 422, 500, 503)


def _deciding(request: Request, session: WriteSession, settings: SiteSettings) -> Iterator[Session]:
    in_memory = request.app.state.routers
    with routing_what_is_placed(session, settings=settings, in_memory=in_memory):
        yield session


DecidingSession = Annotated[Session, Depends(_deciding, scope="function")]


@router.get(
    "/review",
    operation_id="reviews",
    summary="Texts that wait for a person, those first that affect most rows",
    responses={**example(shapes.REVIEWS), **PROBLEMS},
)
def page(
    request: Request,
    response: Response,
    session: ReadSession,
    state: ReviewState = None,
    after_number: AfterNumber = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> shapes.Reviews:
    """Give a page of the queue; `next` is the address of the following one."""
    response.headers["Cache-Control"] = "no-store"
    wanted, most = state or "open", limit or DEFAULT_LIMIT
    found = queue.page(session, state=wanted, limit=most + 1, after=after_number)
    shown = found[:most]
    more = shown[-1].id if len(found) > most else None
    return shapes.Reviews(
        total=queue.count(session, state=wanted),
        reviews=[_review(each) for each in shown],
        next=_next(request, more),
    )


@router.get(
    "/review/{number}",
    operation_id="review",
    summary="One text, its candidates, what was decided, and second opinions",
    responses={**example(shapes.REVIEW_DETAIL), **PROBLEMS},
)
def one(
    response: Response,
    session: ReadSession,
    settings: SiteSettings,
    language: CallerLanguage,
    gazetteer: Gazetteer,
    number: Number,
) -> shapes.ReviewDetail:
    """Give one review; outside geocoders are asked where the site has switched them on."""
    response.headers["Cache-Control"] = "no-store"
    found = queue.get(session, number)
    if found is None:
        raise reviews.ReviewNotFoundError(number=number)
    name = called(found.text, gazetteer.places)
    there = _review(found).model_dump()
    decisions = [
        shapes.Decision.model_validate(each, from_attributes=True)
        for each in queue.decisions(session, number)
    ]
    # No connection to the database is held while others are asked.
    session.close()
    answers = providers.ask(providers.enabled(settings), name)
    opinions = providers.placed(session, answers)
    return shapes.ReviewDetail(
        **there,
        called=name,
        decisions=decisions,
        second_opinions=[_opinion(each, language) for each in opinions],
    )


@router.post(
    "/review/{number}/decision",
    operation_id="decide",
    summary="Say what a text means",
    responses={**example({**shapes.REVIEW, "state": "pick"}), **WRITE_PROBLEMS},
)
def decide(
    session: DecidingSession,
    settings: SiteSettings,
    gazetteer: Gazetteer,
    number: Number,
    decision: Annotated[
        shapes.Pick | shapes.Say, Body(discriminator="action", examples=[shapes.PICK])
    ],
) -> shapes.Review:
    """Keep a decision; incidents with this text get their grid at once.

    A second person may say the same, which makes an alias of the words that both understood. Who
    says otherwise must undo the first decision before.
    """
    target = (
        (decision.target_kind, decision.target_id) if isinstance(decision, shapes.Pick) else None
    )
    done = reviews.decide(
        session,
        number,
        actor=decision.actor,
        action=decision.action,
        target=target,
        places=gazetteer.places,
        settings=settings,
    )
    return _review(done)


@router.delete(
    "/review/{number}/decision",
    operation_id="undo",
    summary="Take back the last decision on a text",
    responses={**example(shapes.REVIEW), **WRITE_PROBLEMS},
)
def undo(session: DecidingSession, number: Number, actor: Actor) -> shapes.Review:
    """Undo a decision; without one left the text and its incidents wait again."""
    return _review(reviews.undo(session, number, actor=actor))


@router.get(
    "/aliases",
    operation_id="aliases",
    summary="Other names of places: proposed, confirmed, withdrawn",
    responses={**example(shapes.ALIASES), **PROBLEMS},
)
def alias_page(
    request: Request,
    response: Response,
    session: ReadSession,
    standing: AliasStanding = None,
    after_number: AfterNumber = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> shapes.Aliases:
    """Give a page of aliases by number."""
    response.headers["Cache-Control"] = "no-store"
    most = limit or DEFAULT_LIMIT
    found = aliases.page(session, state=standing, limit=most + 1, after=after_number)
    names = aliases.names(session, [each.target_id for each in found])
    more = found[most - 1].id if len(found) > most else None
    return shapes.Aliases(
        aliases=[_alias(each, names) for each in found[:most]], next=_next(request, more)
    )


@router.post(
    "/aliases/{number}/confirmation",
    operation_id="confirm_alias",
    summary="Read with an alias from the next request on",
    responses={**example(shapes.ALIAS_CHANGED), **WRITE_PROBLEMS},
)
def confirm(
    session: DecidingSession,
    settings: SiteSettings,
    number: Number,
    confirmation: Annotated[shapes.Confirmation, Body(examples=[{"actor": "王某"}])],
) -> shapes.AliasChanged:
    """Confirm an alias and read again what holds it."""
    alias, texts = learning.confirm(session, number, actor=confirmation.actor, settings=settings)
    return _changed(session, alias, texts)


@router.delete(
    "/aliases/{number}/confirmation",
    operation_id="withdraw_alias",
    summary="Read with an alias no longer, or dismiss a proposed one",
    responses={
        **example({"alias": {**shapes.ALIAS, "standing": "withdrawn"}, "texts": 12}),
        **WRITE_PROBLEMS,
    },
)
def withdraw(
    session: DecidingSession, settings: SiteSettings, number: Number, actor: Actor
) -> shapes.AliasChanged:
    """Withdraw an alias; what it alone had settled waits for a person again."""
    alias, texts = learning.withdraw(session, number, actor=actor, settings=settings)
    return _changed(session, alias, texts)


def _review(found: t.GeocodeReview) -> shapes.Review:
    given = {name: getattr(found, name) for name in shapes.Review.model_fields if name != "number"}
    return shapes.Review(number=found.id, **given)


def _opinion(found: providers.SecondOpinion, language: Language) -> shapes.SecondOpinion:
    return shapes.SecondOpinion(
        provider=found.provider,
        name=found.name,
        longitude=found.longitude,
        latitude=found.latitude,
        compound_code=found.compound_id,
        problem=None if found.problem is None else found.problem.message(language),
    )


def _alias(found: t.Alias, names: dict[str, str]) -> shapes.Alias:
    own = shapes.Alias.model_fields.keys() & t.Alias.__table__.columns.keys()
    return shapes.Alias(
        number=found.id,
        target=names.get(found.target_id),
        standing=cast("Any", found.state),
        valid_from=found.valid.lower,
        valid_to=found.valid.upper,
        **{name: getattr(found, name) for name in own},
    )


def _changed(session: Any, alias: t.Alias, texts: int) -> shapes.AliasChanged:
    session.refresh(alias)
    names = aliases.names(session, [alias.target_id])
    return shapes.AliasChanged(alias=_alias(alias, names), texts=texts)


def _next(request: Request, number: int | None) -> str | None:
    if number is None:
        return None
    kept = {k: v for k, v in request.query_params.items() if k != "after_number"}
    return f"{request.url.path}?{urlencode({**kept, 'after_number': number})}"
