"""Which datum coordinates are in that came without its name."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from api.http.deps import CallerLanguage, ReadSession, SiteSettings
from api.http.openapi import example, problem_responses
from api.http.strict_bodies import BodyRoute
from api.resources.datum.schemas import GUESSED, SAMPLE, DatumGuess, DatumOdds, UnknownPoint
from geo.errors import InputError
from geo.intake import datum_sentences, repository
from geo.intake.datum_guess import guess

router = APIRouter(prefix="/v1", tags=["routing"], route_class=BodyRoute)


class SampleTooLargeError(InputError):
    """More points in one request than the site allows."""

    code = "sample.too_large"
    zh = "一次最多 {limit} 个点，收到 {got} 个。抽取其中一部分即可，几百个已足够判断。"
    en = "At most {limit} points at once, {got} came. Send a part: a few hundred tell as much."


@router.post(
    "/datum/guess",
    operation_id="guess_datum",
    summary="Which datum a sample of points is in, with the odds",
    responses={**example(GUESSED), **problem_responses(400, 401, 413, 422, 500, 503)},
)
def guess_datum(
    response: Response,
    settings: SiteSettings,
    language: CallerLanguage,
    session: ReadSession,
    points: Annotated[
        list[UnknownPoint],
        Body(description="Points of households, a few dozen or more.", examples=[SAMPLE]),
    ],
) -> DatumGuess:
    """Say which datum puts most of the points into compounds and buildings, more than by chance.

    Nothing is stored. cgcs2000 and wgs84 lie centimetres apart and count as one. What the sample
    cannot tell is said to be undecided.
    """
    # Where somebody lives is nobody's business but the caller's.
    response.headers["Cache-Control"] = "no-store"
    if len(points) > settings.datum_guess_limit:
        raise SampleTooLargeError(limit=settings.datum_guess_limit, got=len(points))
    found = guess(
        [each.longitude for each in points],
        [each.latitude for each in points],
        repository.ground(session),
        odds=settings.datum_odds,
    )
    told = vars(found) | {
        "odds": [DatumOdds(**vars(each)) for each in found.standings],
        "sentence": datum_sentences.found(found, language),
    }
    return DatumGuess(**{name: told[name] for name in DatumGuess.model_fields})
