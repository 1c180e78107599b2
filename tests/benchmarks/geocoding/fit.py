"""Fit the calibration on generated addresses: `python -m tests.benchmarks.geocoding.fit`.

Held-out families and compounds take no part. The result ships as calibration.json in
geo/geocoding/data.
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from geo.geocoding.engine.calibrate import design, fit
from geo.geocoding.engine.outcome import Answer
from geo.geocoding.engine.score import FEATURES
from geo.geocoding.geocoder import Geocoder
from tests.benchmarks.geocoding.generator import FAMILIES, HELD_OUT_FAMILIES, generate
from tests.benchmarks.geocoding.town import demo_town
from tests.benchmarks.geocoding.world import Query, World

EACH = 700
SEED = 20261123
DOUBTS = (-2.0, -6.0)  # a doorplate ten numbers off; several of the name, or a door behind it
BESIDE = -4.0
MOST_SURE = 4.0  # of a generated landmark, which is never wrong and would have no bound
NOT_JUDGED = ("beside_compound",)


def main() -> None:
    town = demo_town()
    gazetteer = town.gazetteer()
    flat = {"compound", "building", "unit", "household", "grid"}
    empty = {level: [0.0, 1.0] + [0.0] * (len(FEATURES) - 2) for level in flat}
    geocoder = Geocoder(gazetteer, {**empty, "place": [0.0] * 5, "place_grid": [0.0] * 5})
    families = [f for f in FAMILIES if f not in {*HELD_OUT_FAMILIES, *NOT_JUDGED}]
    queries = generate(World(town, SEED), EACH, families=families, held_out=False)
    answers = geocoder.answers([query.text for query in queries])
    fitted: dict[str, list[float]] = {}
    codes = frame_codes(town.frames)
    rights = np.array([_right(q, a, codes) for q, a in zip(queries, answers, strict=True)])
    shares = np.array([a.shares for a in answers])
    others = np.array([a.others for a in answers])
    for k, level in enumerate(("compound", "building", "unit", "household", "grid")):
        rows = shares[:, k] > 0
        fitted[level] = (
            fit(design(shares[rows, k], others[rows]), rights[rows, k], ridge=2.0).round(4).tolist()
        )
    place = [(q, a) for q, a in zip(queries, answers, strict=True) if a.place is not None]
    looks = np.array([[1.0, *a.place_features] for _, a in place])
    right = np.array(
        [float(q.determined == "place" and a.place.grid_code == q.grid) for q, a in place]
    )
    # Generated landmarks are never in doubt and never a doorplate away, and nobody measured how
    # often a thing beside a landmark is in its grid: these are judgements, in log odds.
    constant, *slopes = fit(looks, right, ridge=2.0).round(4).tolist()[:3]
    fitted["place"] = [min(constant, MOST_SURE), *slopes, *DOUBTS]
    fitted["place_grid"] = [*fitted["place"][:2], fitted["place"][2] + BESIDE, *DOUBTS]
    path = Path(str(files("geo.geocoding"))) / "data" / "calibration.json"
    path.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(
        f"{len(queries)} addresses of {len(families)} families; written to {path.name}" + "\n"
    )


def frame_codes(frames: dict[str, pd.DataFrame]) -> dict[str, list[str]]:
    return {
        name: frames[name]["external_id"].tolist()
        for name in ("compounds", "buildings", "households")
    }


def _right(query: Query, answer: Answer, codes: dict[str, list[str]]) -> list[float]:
    at, reading = answer.compound, answer.reading
    compound = at >= 0 and codes["compounds"][at] == query.source
    building = (
        compound
        and reading.building >= 0
        and codes["buildings"][reading.building] == query.building
    )
    home = reading.household >= 0 and codes["households"][reading.household] == query.household
    return [
        float(x)
        for x in (
            compound,
            building,
            building,
            home,
            bool(answer.grid_code) and answer.grid_code == query.grid,
        )
    ]


if __name__ == "__main__":
    main()
