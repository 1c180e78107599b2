"""Addresses as people write them, to places."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Response

from api.http.deps import CallerLanguage, Gazetteer, SiteSettings
from api.http.openapi import example, problem_responses
from api.http.strict_bodies import BodyRoute
from api.parameters.reviews import Address
from api.resources.geocode.schemas import (
    BATCH_ANSWER,
    BATCH_REQUEST,
    GEOCODE_ANSWER,
    AddressText,
    BatchAnswer,
    GeocodeAnswer,
    Geocoded,
)
from api.sentences import Sentence
from geo.codes import COMMUNITY_DIGITS, GRID_DIGITS, TOWN_DIGITS
from geo.errors import InputError
from geo.geocoding import service
from geo.geocoding.review import plain
from geo.geocoding.service import Loaded

router = APIRouter(prefix="/v1", tags=["geocoding"], route_class=BodyRoute)

SENTENCES: dict[str, Sentence] = {
    "accepted": Sentence(
        "该地址位于{town}{community}{grid}（{code}），把握 {percent:.0f}%。",
        "The address lies in {grid} ({code}), {community}, {town}; {percent:.0f}% certain.",
    ),
    "uncertain": Sentence(
        "该地址最可能位于{town}{community}{grid}（{code}），"
        "但把握只有 {percent:.0f}%，需要人工核定。",
        "The address most likely lies in {grid} ({code}), {community}, {town}, but only "
        "{percent:.0f}% certain; a person must decide.",
    ),
    "none": Sentence(
        "无法由该地址确定网格，原因见 explanation。",
        "The grid cannot be told from this address; see explanation for why.",
    ),
}


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
    digits = {"grid": GRID_DIGITS, "community": COMMUNITY_DIGITS, "town": TOWN_DIGITS}
    return {
        part: {"code": code[:length], "name": known.get(code[:length])}
        if code is not None and len(code) >= length
        else None
        for part, length in digits.items()
    }


def _sentence(result: Geocoded) -> Sentence:
    if result.grid is None or result.community is None or result.town is None:
        return SENTENCES["none"]
    return SENTENCES["accepted" if result.accepted else "uncertain"].filled(
        grid=result.grid.name or "",
        community=result.community.name or "",
        town=result.town.name or "",
        code=result.grid.code,
        percent=result.grid_probability * 100,
    )
