"""All the goals' figures: `make bench-geocoding`, or `python -m tests.benchmarks.geocoding [N]`.

N addresses a family (default 150). Seed and town are fixed, so that figures can be compared; the
seed is none that the fit saw.
"""

import sys
import time

import numpy as np
import pandas as pd

from geo.geocoding.geocoder import Geocoder
from geo.geocoding.suggest import Suggester
from tests.benchmarks.geocoding.baselines import by_ratio, by_trigram
from tests.benchmarks.geocoding.figures import (
    building_ids,
    calibration_error,
    claims,
    headline,
    judge,
    wilson,
)
from tests.benchmarks.geocoding.generator import HELD_OUT_FAMILIES, generate
from tests.benchmarks.geocoding.other_town import other_town
from tests.benchmarks.geocoding.town import Town, demo_town
from tests.benchmarks.geocoding.world import Query, World

SEED = 99
GOALS = {
    "compound": 0.99,
    "building": 0.975,
    "household": 0.97,
    "accepted right": 0.99,
    "accepted grid": 0.995,
    "coverage": 0.9,
    "absent accepted": 0.01,
    "overclaimed": 0.01,
}
BASELINE_QUERIES = 1_000


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main(each: int) -> None:
    town = demo_town()
    started = time.perf_counter()
    geocoder = Geocoder(town.gazetteer())
    say(f"start: {time.perf_counter() - started:.2f} s (goal: under 2 s)")
    queries = generate(World(town, SEED), each)
    texts = [query.text for query in queries]
    started, busy = time.perf_counter(), time.process_time()
    answers = geocoder.geocode(texts)
    elapsed_s, busy_s = time.perf_counter() - started, time.process_time() - busy
    say(
        f"speed: {len(texts) / elapsed_s:,.0f} addresses/s in one process, "
        f"{len(texts) / busy_s:,.0f} a second of processor time, {len(texts)} addresses"
    )
    frame = judge(queries, answers, building_ids(town.frames))
    print_figures("all", frame)
    print_figures("held-out compounds", frame[frame["true_held_out"]])
    print_figures("held-out families", frame[frame["true_family"].isin(HELD_OUT_FAMILIES)])
    print_families(frame)
    print_other_town(each)
    print_suggestions(town)
    print_baselines(town, queries, frame)


def print_other_town(each: int) -> None:
    """The same figures in a town of other names, of which the fit saw nothing."""
    town = other_town()
    queries = generate(World(town, SEED), max(1, each // 3))
    answers = Geocoder(town.gazetteer()).geocode([query.text for query in queries])
    frame = judge(queries, answers, building_ids(town.frames))
    print_figures("a town of other names", frame)
    print_families(frame)


def print_figures(title: str, frame: pd.DataFrame) -> None:
    say(f"\n{title}: {len(frame)} addresses")
    for name, (right, total) in headline(frame).items():
        low, high = wilson(right, total)
        sign = "≤" if name in {"absent accepted", "overclaimed"} else "≥"
        share = right / total if total else float("nan")
        say(
            f"  {name:16s} {share:7.2%}  [{low:6.2%}, {high:6.2%}]  {right}/{total}"
            f"  goal {sign} {GOALS[name]:.1%}"
        )
    claimed = claims(frame)
    error = calibration_error(claimed["probability"], claimed["right"])
    say(f"  {'calibration':16s} {error:7.4f}  goal ≤ 0.02")


def print_families(frame: pd.DataFrame) -> None:
    """A line a family, the worst first; * is held out from the fit."""
    rows = []
    for family, part in frame.groupby("true_family"):
        figures = headline(part)
        right, total = int(part["right"].sum()), len(part)
        claimed = claims(part)
        error = calibration_error(claimed["probability"], claimed["right"]) if len(claimed) else 0.0
        rows.append((right / total, family, right, total, figures, error))
    say("\nfamily             right  [95 % interval]   household  coverage  calibration")
    for share, family, right, total, figures, error in sorted(rows, key=lambda row: row[:2]):
        low, high = wilson(right, total)
        mark = "*" if family in HELD_OUT_FAMILIES else " "
        home = _share(*figures["household"])
        covered = _share(*figures["coverage"])
        figures_of = f"{share:7.1%}  [{low:5.1%}, {high:6.1%}]  {home:>9s} {covered:>9s}"
        say(f"{mark}{family:16s} {figures_of}  {error:.3f}")


def _share(right: int, total: int) -> str:
    return f"{right / total:.1%}" if total else "–"


def print_suggestions(town: Town) -> None:
    suggester = Suggester(town.gazetteer())
    prefixes = [p for name in town.frames["compounds"]["name"] for p in (name[:1], name[:2], name)]
    prefixes += [*"abcdefghijklmnopqrstuvwxyz", "jdxq", "xin", "jinding", "人民"]
    elapsed_ms = []
    for prefix in prefixes:
        started = time.perf_counter()
        suggester.suggest(prefix)
        elapsed_ms.append((time.perf_counter() - started) * 1e3)
    p50, p99 = np.percentile(elapsed_ms, [50, 99])
    say(f"\nsuggest: p50 {p50:.2f} ms, p99 {p99:.2f} ms (goal: p99 under 20 ms)")


def print_baselines(town: Town, queries: list[Query], frame: pd.DataFrame) -> None:
    """The household that each way puts first, on the texts that determine one."""
    settled = [k for k, query in enumerate(queries) if query.determined == "household"]
    chosen = settled[:: max(1, len(settled) // BASELINE_QUERIES)]
    households = town.frames["households"]
    homes, addresses = households["external_id"].to_numpy(), households["address"].tolist()
    truth = np.array([queries[k].household for k in chosen])
    texts = [queries[k].text for k in chosen]
    say(f"\nhousehold put first, {len(chosen)} texts that determine one:")
    ours = int((frame["household_id"].iloc[chosen].to_numpy() == truth).sum())
    for name, right in (
        ("this", ours),
        ("rapidfuzz ratio", int((homes[by_ratio(texts, addresses)] == truth).sum())),
        ("pg_trgm", _by_trigram(texts, addresses, homes, truth)),
    ):
        low, high = wilson(right, len(chosen))
        say(f"  {name:16s} {right / len(chosen):7.2%}  [{low:6.2%}, {high:6.2%}]")


def _by_trigram(
    texts: list[str], addresses: list[str], homes: np.ndarray, truth: np.ndarray
) -> int:
    found = by_trigram(texts, addresses)
    return int(((found >= 0) & (homes[found] == truth)).sum())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
