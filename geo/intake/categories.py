"""Words for categories in a file -> their codes, or the names that may have been meant."""

import json
import re
from collections.abc import Iterable
from itertools import pairwise

import pandas as pd
from sqlalchemy.orm import Session

from geo.intake import named, repository
from geo.intake.mapping import Mapping
from geo.intake.model import Kind, Remark
from geo.intake.problems import Problems
from geo.text import name_key

# 城市管理-市容环境-垃圾清运: what comes last is what it is about.
_STEPS = re.compile(r"\s*[-—–>＞/／|｜:：、→]+\s*")
_SAME, _HELD, _LIKELY = 4.0, 3.0, 0.4
_SHORTEST = 2
_MOST_PROPOSED = 200

Named = list[tuple[str, tuple[str, ...]]]


def read(
    session: Session,
    kind: Kind,
    given: dict[str, pd.Series],
    headings: dict[str, str],
    problems: Problems,
    *,
    mapping: Mapping,
) -> tuple[dict[str, pd.Series], tuple[Remark, ...]]:
    """Give the columns of categories by code; note words that mean none.

    Parameters
    ----------
    session : Session
    kind : Kind
    given : dict of str to Series, shapes (n,)
        Canonical column to its values.
    headings : dict
        Canonical column to heading.
    problems : Problems
        Gets CATEGORY.unknown, with names near what was written.
    mapping : Mapping
        What is said of words already.

    Returns
    -------
    tuple of dict of str to Series, shapes (n,), and tuple of Remark
        The columns that are categories; CATEGORY.proposed with the lines for a mapping file where
        words mean none.
    """
    wanted = [name for name in given if kind.columns[name].type == "category"]
    if not wanted:
        return {}, ()
    named_by = _named_by(session)
    words = named.meanings(named_by)
    called = {word: f"{name} {code}" for code, (name, *more) in named_by for word in (name, *more)}
    names = {code: name for code, (name, *_) in named_by}
    read: dict[str, pd.Series] = {}
    remarks: list[Remark] = []
    for name in wanted:
        cells = given[name]
        read[name] = named.codes(cells, words)
        unknown = (read[name].isna() & cells.notna()).to_numpy(dtype=bool)
        several = cells[unknown].unique().tolist()
        meant = propose(several, named_by)
        first = {word: f"{names[code]} {code}" for word, code in meant.items() if code}
        near = {word: _near(word, called, first.get(word)) for word in several}
        if several:
            line = mapping.columns.get(name)
            block = _block(kind, name, headings[name], line.words if line else {}, meant, names)
            remarks.append(Remark("CATEGORY.proposed", {"block": block, "count": len(several)}))
        problems.add(
            "CATEGORY.unknown",
            unknown,
            column=headings[name],
            value=cells,
            near=cells.map(near),
        )
    return read, tuple(remarks)


def propose_categories(session: Session, words: Iterable[str]) -> dict[str, str | None]:
    """Give the category that each word may mean, by code; None where nothing is like it.

    See `propose`; words that are known mean what they mean.
    """
    named_by = _named_by(session)
    known = named.meanings(named_by)
    return {word: known.get(name_key(word)) or propose([word], named_by)[word] for word in words}


def propose(words: Iterable[str], named_by: Named) -> dict[str, str | None]:
    """Give the category that each word may mean, by what it holds of their names and aliases.

    The last step of a word counts most (城市管理-市容环境-垃圾清运). Of several that fit alike
    a matter goes before its network, then the code that sorts first.

    Parameters
    ----------
    words : iterable of str
    named_by : list of (str, tuple of str)
        A code, and the words for it.

    Returns
    -------
    dict of str to str or None
        On the words; None where nothing is like it.
    """
    folded = [(code, {name_key(each) for each in several}) for code, several in named_by]
    found: dict[str, str | None] = {}
    for word in words:
        steps = [name_key(step) for step in _STEPS.split(word) if step.strip()]
        weighed = [(_likeness(steps, several), "." in code, code) for code, several in folded]
        best = min(weighed, key=lambda each: (-each[0], not each[1], each[2]), default=(0, 0, ""))
        found[word] = best[2] if best[0] >= _LIKELY else None
    return found


def _named_by(session: Session) -> Named:
    known = repository.categories(session)
    return [
        (code, (name, name_en, *aliases))
        for code, name, name_en, aliases in known.itertuples(index=False)
    ]


def _likeness(steps: list[str], names: set[str]) -> float:
    best = 0.0
    for at, step in enumerate(steps, start=1):
        weight = at / len(steps)
        for name in names:
            best = max(best, weight * _alike(step, name))
    return best


def _alike(step: str, name: str) -> float:
    if step == name:
        return _SAME
    shorter, longer = sorted((step, name), key=len)
    if len(shorter) >= _SHORTEST and shorter in longer:
        return _HELD * (0.5 + len(shorter) / len(longer) / 2)
    ours, theirs = (set(pairwise(each)) for each in (step, name))
    # Words of Latin letters share pairs by chance.
    if not ours or not theirs or name.isascii():
        return 0.0
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))


def _block(
    kind: Kind,
    column: str,
    heading: str,
    words: dict[str, str],
    meant: dict[str, str | None],
    names: dict[str, str],
) -> str:
    """Write the table of a mapping file that says what words mean."""
    lines = [f"[{kind.name}.{column}]", f"heading = {_quoted(heading.partition(' → ')[0])}"]
    lines.append(f"[{kind.name}.{column}.values]")
    lines += [f"{_quoted(word)} = {_quoted(code)}" for word, code in words.items()]
    for word, code in list(meant.items())[:_MOST_PROPOSED]:
        said = f"{_quoted(word)} = {_quoted(code or '')}"
        lines.append(f"{said}  # {names[code]}" if code else f"# {said}  # ?")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _near(word: str, called: dict[str, str], first: str | None) -> str:
    found = dict.fromkeys(called[near] for near in named.near(word, called))
    return ", ".join({first: None} | found if first else found) or "-"
