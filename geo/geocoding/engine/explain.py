"""How one address was understood, for a person to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo.errors import Language
from geo.geocoding.engine.normalise import Normalised
from geo.geocoding.engine.numbers import tokens
from geo.geocoding.engine.outcome import Weighing
from geo.geocoding.engine.score import Candidate
from geo.geocoding.faults import sentence
from geo.geocoding.gazetteer import Gazetteer

KINDS = ("compound", "community", "town", "banner", "elsewhere", "street", "place")
MOST_READINGS = 4


def explain(
    weighing: Weighing,
    text: Normalised,
    *,
    row: Mapping[Any, Any],
    faults: Sequence[dict[str, str]],
    gazetteer: Gazetteer,
    language: Language,
) -> dict[str, Any]:
    """Lay open how an answer came about.

    Parameters
    ----------
    weighing : Weighing
    text : Normalised
        The address.
    row : mapping
        Of `Geocoder.table`; its candidates get their reasons.
    faults : sequence of dict
        As `Geocoder.sentences` gives them.
    gazetteer : Gazetteer
    language : {"zh", "en"}

    Returns
    -------
    dict
        See `Geocoder.explain`.
    """
    positions = text.positions()

    def span(start: int, end: int) -> tuple[int, int]:
        return positions[start], positions[end]

    mentions = [
        {
            "kind": KINDS[m.kind],
            "text": weighing.text[m.start : m.end],
            "span": span(m.start, m.end),
        }
        for m in weighing.found.mentions
    ]
    numbers = [
        {"value": token.value, "may_be": list(token.slots), "span": span(token.start, token.end)}
        for token in tokens(text.text)
    ]
    for candidate in row["candidates"]:
        candidate["reasons"] = [
            sentence(code, {"place": candidate["place"]}, language) for code in candidate["why"]
        ]
    return {
        "original": text.original,
        "normalised": text.text,
        "positions": positions,
        "junk": [span(*found) for found in text.junk()],
        "mentions": mentions,
        "numbers": numbers,
        "readings": [
            reading for one in weighing.weighed[:2] for reading in _readings(gazetteer, one)
        ],
        "result": row,
        "faults": faults,
        "candidates": row["candidates"],
    }


def _readings(gazetteer: Gazetteer, candidate: Candidate) -> list[dict[str, Any]]:
    """Give the readings of the numbers in one compound, the best first."""
    compound = gazetteer.compounds[candidate.named.compound]
    return [
        {
            "compound": compound.name,
            "building": gazetteer.buildings[reading.building].name
            if reading.building >= 0
            else None,
            "unit": reading.unit,
            "room": reading.room or None,
            "household_id": gazetteer.household_codes[reading.household]
            if reading.household >= 0
            else None,
            "penalty": round(reading.penalty, 2),
        }
        for reading in candidate.readings[:MOST_READINGS]
    ]
