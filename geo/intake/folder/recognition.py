"""Which kind of list a table is: by its headings, the words of its name, what each kind needs."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from geo.files.headings import COORDINATES, fold
from geo.files.headings import match as match_headings
from geo.intake import facts
from geo.intake.folder.model import Candidate, Part
from geo.intake.kinds import KINDS
from geo.intake.model import Column
from geo.intake.personal import is_personal_heading
from geo.territory.files import headings as boundary_headings

# A word in the name of a file or sheet counts as much as so many headings of that kind alone.
NAME_WEIGHT = 1.5
NEEDED_WEIGHT = 2.0
CELL_WEIGHT = 0.75
PROPOSED_SHARE = 0.6
# Below this much nothing speaks for a kind; and the second must be so far behind.
LEAST_SCORE = 1.5
LEAST_LEAD = 0.15
# What a heading ends in says what it is: 院落编号. So long it must be, in Chinese or in Latin.
_SHORTEST = 2
_SHORTEST_LATIN = 4


@cache
def signs() -> dict[str, dict[str, Any]]:
    """Give the facts of `signs.toml`."""
    text = facts.HERE.joinpath("folder", "signs.toml").read_text("utf-8")
    loaded: dict[str, dict[str, Any]] = tomllib.loads(text)
    return loaded


def synonyms(kind: str) -> dict[str, tuple[str, ...]]:
    """Give the headings that each column of a kind goes by: of a list, or of boundaries."""
    if kind in KINDS:
        return {name: each.headings for name, each in facts.kind(kind).columns.items()}
    if kind in ("communities", "compounds", "divisions"):
        return {name: tuple(usual) for name, usual in boundary_headings(kind).items()}
    return {}


@cache
def _weights() -> dict[str, float]:
    """Give each folded heading the less the more kinds know it."""
    count: Counter[str] = Counter()
    for kind in (*KINDS, "divisions"):
        # Of what a thing is called, the lists that only refer to it take nothing away.
        own = {
            name: usual
            for name, usual in synonyms(kind).items()
            if kind not in KINDS or not _refers(facts.kind(kind).columns[name])
        }
        for heading in {fold(each) for name, usual in own.items() for each in (name, *usual)}:
            count[heading] += 1
    return {heading: 1 / number for heading, number in count.items()}


def _refers(column: Column) -> bool:
    return column.helps is not None or column.references is not None


def find_columns(
    headings: list[str], kind: str, *, cut_by: str = "ascii", has_geometry: bool = False
) -> tuple[dict[str, str], frozenset[str]]:
    """Find the heading of each column of a kind, and propose one where only its words are alike.

    Parameters
    ----------
    headings : list of str
    kind : str
        One of `geo.intake.folder.model.ROLES`.
    cut_by : str
        See `geo.files.headings.match`.
    has_geometry : bool
        Columns of coordinates are not looked for.

    Returns
    -------
    tuple of dict and frozenset
        Canonical column to heading; those of them that are proposals. A heading of what is
        private is proposed for nothing, and a column that several headings mean has none.
    """
    sought = {
        name: usual
        for name, usual in synonyms(kind).items()
        if not (has_geometry and name in COORDINATES)
    }
    made = match_headings(headings, sought, cut_by=cut_by)
    found = {name: headings[at] for name, at in made.found.items()}
    free = [
        each for each in headings if each not in found.values() and not is_personal_heading(each)
    ]
    proposed: dict[str, str] = {}
    for name, usual in sought.items():
        if name in found or name in made.twice:
            continue
        ends = tuple(word for each in usual if _is_long(word := fold(each)))
        same = [each for each in free if fold(each).endswith(ends)]
        if len(same) == 1 and same[0] not in proposed.values():
            proposed[name] = same[0]
    return found | proposed, frozenset(proposed)


def _is_long(word: str) -> bool:
    return len(word) >= (_SHORTEST_LATIN if word.isascii() else _SHORTEST)


def recognise(part: Part) -> list[Candidate]:
    """Say which kinds of lists a part may be, the likeliest first.

    Parameters
    ----------
    part : Part

    Returns
    -------
    list of Candidate
        Those that have all that their kind needs; equals in the order of the kinds.
    """
    headings = list(map(str, part.table.cells.columns))
    called = names_of(part)
    found = [_candidate(part, kind, headings, called) for kind in (*KINDS, "divisions")]
    kept = [each for each in found if each is not None and each.score >= LEAST_SCORE]
    return sorted(kept, key=lambda each: -each.score)


def names_of(part: Part) -> str:
    """Give all that a part is called: its file, its sheet, and the titles above its headings."""
    above = getattr(part.table, "above", ())
    return " ".join([part.path.stem, part.layer or "", *part.table.sheets, *above]).casefold()


def count_words(called: str, words: Iterable[str]) -> int:
    """Count the words that stand in a name; of those within each other the longest."""
    found = sorted({word for word in words if word.casefold() in called}, key=len, reverse=True)
    apart: list[str] = []
    for word in found:
        if not any(word in longer for longer in apart):
            apart.append(word)
    return len(apart)


def _candidate(part: Part, kind: str, headings: list[str], called: str) -> Candidate | None:
    columns, proposed = find_columns(
        headings,
        kind,
        cut_by=part.table.cut_by,
        has_geometry=part.table.geometry is not None,
    )
    known = signs()[kind]
    written = {fold(each) for each in headings}
    cells = {each for each in known.get("cells", []) if fold(each) in written}
    there = set(columns) | {
        each for line in known["needs"] for each in line if fold(each) in written
    }
    if not all(there & set(line) for line in known["needs"]):
        return None
    needed = {each for line in known["needs"] for each in line}
    score = NAME_WEIGHT * count_words(called, known["words"]) + CELL_WEIGHT * len(cells)
    for name, heading in columns.items():
        weight = _weights().get(fold(heading), 1.0)
        weight *= NEEDED_WEIGHT if name in needed else 1.0
        score += weight * (PROPOSED_SHARE if name in proposed else 1.0)
    if kind in KINDS:
        columns_known = facts.kind(kind).columns
        score -= 0.25 * sum(
            1
            for each in columns_known.values()
            if each.required
            and each.name not in columns
            and not any(set(other) <= set(columns) for other in each.instead)
        )
    return Candidate(kind, score, columns, proposed)


def leads(candidates: list[Candidate]) -> bool:
    """Tell whether the first is so far ahead of the second that nobody need be asked."""
    if len(candidates) < 2:  # noqa: PLR2004 - a first and a second
        return bool(candidates)
    first, second = candidates[0].score, candidates[1].score
    return first - second >= LEAST_LEAD * first
