"""Addresses as people write them, to places."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from api import messages, place_messages
from api.deps import CallerLanguage, Gazetteer, SiteSettings
from api.openapi import example, problem_responses
from api.parameters import Address
from api.schemas.geocode import (
    BATCH_ANSWER,
    BATCH_REQUEST,
    GEOCODE_ANSWER,
    AddressText,
    BatchAnswer,
    GeocodeAnswer,
    Geocoded,
)
from geo.errors import InputError
from geo.geocoding import service
from geo.geocoding.review import plain
from geo.geocoding.service import Loaded

router = APIRouter(prefix="/v1", tags=["geocoding"])

LEVEL_TWO, LEVEL_ONE, TOWN = 15, 12, 9  # digits of codes


class BatchTooLongError(InputError):
    """More addresses in one request than the site allows."""

    code = "batch.too_long"
    zh = "一次最多 {limit} 条地址，收到 {got} 条。请分批发送，或用 bannergrid geocode 处理文件。"
    en = "At most {limit} addresses at once, {got} came. Send parts, or use bannergrid geocode."


@router.get(
    "/geocode",
    operation_id="geocode",
    summary="The place of one address, with a probability and a reason",
    responses={**example(GEOCODE_ANSWER), **problem_responses(401, 404, 422, 500, 503)},
)
def geocode(
    response: Response,
    settings: SiteSettings,
    language: CallerLanguage,
    gazetteer: Gazetteer,
    q: Address,
) -> GeocodeAnswer:
    """Give the place that an address means, and how it was understood.

    What is no address gets the level `none` and a fault that says why.
    """
    # Where somebody lives is nobody's business but the caller's.
    response.headers["Cache-Control"] = "no-store"
    result = _results(gazetteer, [q], settings)[0]
    return GeocodeAnswer(
        **result.model_dump(),
        edition=gazetteer.edition.id,
        synthetic=gazetteer.edition.synthetic,
        revision=gazetteer.revision,
        explanation=plain(gazetteer.geocoder.explain(q, language)),
        sentence=_sentence(result).text(language),
    )


@router.post(
    "/geocode/batch",
    operation_id="geocode_batch",
    summary="The places of many addresses",
    responses={
        **example(BATCH_ANSWER),
        **problem_responses(400, 401, 404, 413, 422, 500, 503),
    },
)
def geocode_batch(
    response: Response,
    settings: SiteSettings,
    gazetteer: Gazetteer,
    texts: Annotated[
        list[AddressText | None],
        Body(description="Addresses; null is answered too.", examples=[BATCH_REQUEST]),
    ],
) -> BatchAnswer:
    """Give one result for each address of a JSON list, as they came one after the other."""
    response.headers["Cache-Control"] = "no-store"
    if len(texts) > settings.geocode_batch_limit:
        raise BatchTooLongError(limit=settings.geocode_batch_limit, got=len(texts))
    return BatchAnswer(
        edition=gazetteer.edition.id,
        synthetic=gazetteer.edition.synthetic,
        revision=gazetteer.revision,
        results=_results(gazetteer, texts, settings),
    )


def _results(loaded: Loaded, texts: list[str | None], settings: Any) -> list[Geocoded]:
    found = service.located(loaded, texts, settings=settings)
    rows = plain(found.drop(columns=["match", "distance_m"]).to_dict("records"))
    return [
        Geocoded(
            text=text,
            compound=loaded.compounds.get(row["compound_code"], {}).get("name"),
            **row,
            **_territory(loaded, row["grid_code"]),
        )
        for text, row in zip(texts, rows, strict=True)
    ]


def _territory(loaded: Loaded, code: str | None) -> dict[str, Any]:
    """Name what a code is part of; a level-one code has no level-two grid."""
    known = loaded.territory_names
    digits = {"grid": LEVEL_TWO, "community": LEVEL_ONE, "town": TOWN}
    return {
        part: {"code": code[:length], "name": known.get(code[:length])}
        if code is not None and len(code) >= length
        else None
        for part, length in digits.items()
    }


def _sentence(result: Geocoded) -> messages.Sentence:
    if result.grid is None or result.community is None or result.town is None:
        return place_messages.GEOCODED["none"]
    return place_messages.GEOCODED["accepted" if result.accepted else "uncertain"].filled(
        grid=result.grid.name or "",
        community=result.community.name or "",
        town=result.town.name or "",
        code=result.grid.code,
        percent=result.grid_probability * 100,
    )
