"""What is measured: a row a query, then figures with Wilson intervals."""

import math

import numpy as np
import pandas as pd

from tests.benchmarks.geocoding.absent import ABSENT
from tests.benchmarks.geocoding.world import Query

ACCEPT = 0.9
ABSENT_FAMILIES = (*ABSENT, "absent_office", "absent_section")


def judge(
    queries: list[Query], answers: pd.DataFrame, buildings: dict[tuple[str, str], str]
) -> pd.DataFrame:
    """Put truth and answer side by side; `buildings` maps (compound, building name) to its id."""
    frame = pd.DataFrame([vars(q) for q in queries]).add_prefix("true_")
    frame = pd.concat([frame, answers.reset_index(drop=True)], axis=1)
    pairs = zip(frame["compound_code"], frame["building"], strict=True)
    frame["building_id"] = [buildings.get(pair, "") for pair in pairs]
    compound = frame["compound_code"].fillna("").eq(frame["true_compound"])
    building = compound & frame["building_id"].eq(frame["true_building"])
    household = frame["household_id"].fillna("").eq(frame["true_household"])
    depth = frame["level"]
    frame["right"] = np.select(
        [
            depth.eq("household"),
            depth.isin(["unit", "building"]),
            depth.eq("compound"),
            depth.eq("place"),
            depth.eq("community"),
        ],
        [
            household & frame["true_household"].ne(""),
            building & frame["true_building"].ne(""),
            frame["compound_code"].fillna("").eq(frame["true_source"]),
            frame["true_determined"].eq("place"),
            frame["true_determined"].isin(["community", "none"]),
        ],
        default=frame["true_determined"].eq("none"),
    )
    undecided = frame["true_determined"].eq("open")
    frame["right"] = np.where(undecided, depth.isin(["compound", "none"]), frame["right"])
    frame["compound_right"], frame["building_right"], frame["household_right"] = (
        compound,
        building,
        household,
    )
    frame["grid_right"] = frame["grid_code"].fillna("").eq(frame["true_grid"])
    # Only an answer that names a compound's place sends somebody to a door.
    frame["accepted"] = frame["probability"].ge(ACCEPT) & depth.isin(
        ["household", "unit", "building", "compound"]
    )
    return frame


def wilson(right: int, total: int, z: float = 1.96) -> tuple[float, float]:
    if not total:
        return 0.0, 1.0
    share, square = right / total, z * z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = (
        z
        * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
        / (1 + square / total)
    )
    return middle - half, middle + half


def calibration_error(probability: pd.Series, right: pd.Series, bins: int = 10) -> float:
    """Mean gap between said and seen, over bins of equal width, weighted by their size."""
    at = np.minimum((probability.to_numpy() * bins).astype(int), bins - 1)
    said = np.bincount(at, probability, minlength=bins)
    seen = np.bincount(at, right.astype(float), minlength=bins)
    return float(np.abs(said - seen).sum() / max(1, len(at)))


def headline(frame: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """The goals' figures as (right, of)."""
    settled = frame[frame["true_determined"].eq("household")]
    placed = frame[frame["true_compound"].ne("")]
    built = placed[placed["true_determined"].isin(["household", "building"])]
    accepted = frame[frame["accepted"]]
    absent = frame[frame["true_family"].isin(ABSENT_FAMILIES)]
    unsettled = frame[frame["true_determined"].ne("household")]
    return {
        "compound": (int(placed["compound_right"].sum()), len(placed)),
        "building": (int(built["building_right"].sum()), len(built)),
        "household": (int(settled["household_right"].sum()), len(settled)),
        "accepted right": (int(accepted["right"].sum()), len(accepted)),
        "accepted grid": (int(accepted["grid_right"].sum()), len(accepted)),
        "coverage": (int(settled["accepted"].sum()), len(settled)),
        "absent accepted": (int(absent["accepted"].sum()), len(absent)),
        "overclaimed": (int(unsettled["level"].eq("household").sum()), len(unsettled)),
    }


def claims(frame: pd.DataFrame) -> pd.DataFrame:
    """The answers that claim a place, which is what a probability speaks of.

    Texts of which nobody knows what is right are left out.
    """
    return frame[frame["level"].ne("none") & frame["true_determined"].ne("open")]


def building_ids(frames: dict[str, pd.DataFrame]) -> dict[tuple[str, str], str]:
    """Map (compound, building's name) to the building."""
    buildings = frames["buildings"]
    pairs = zip(buildings["compound_id"], buildings["name"], strict=True)
    return dict(zip(pairs, buildings["external_id"], strict=True))
