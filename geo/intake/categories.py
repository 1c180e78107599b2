"""Words for categories in a file -> their codes, or the names that may have been meant."""

import pandas as pd
from sqlalchemy.orm import Session

from geo.intake import named, repository
from geo.intake.model import Kind
from geo.intake.problems import Problems


def read(
    session: Session,
    kind: Kind,
    given: dict[str, pd.Series],
    headings: dict[str, str],
    problems: Problems,
) -> dict[str, pd.Series]:
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

    Returns
    -------
    dict of str to Series, shapes (n,)
        The columns that are categories.
    """
    wanted = [name for name in given if kind.columns[name].type == "category"]
    if not wanted:
        return {}
    known = repository.categories(session)
    named_by = [
        (code, (name, name_en, *aliases))
        for code, name, name_en, aliases in known.itertuples(index=False)
    ]
    words = named.meanings(named_by)
    called = {word: f"{name} {code}" for code, (name, *more) in named_by for word in (name, *more)}
    read = {}
    for name in wanted:
        cells = given[name]
        read[name] = named.codes(cells, words)
        unknown = (read[name].isna() & cells.notna()).to_numpy(dtype=bool)
        near = {word: _near(word, called) for word in cells[unknown].unique()}
        problems.add(
            "CATEGORY.unknown",
            unknown,
            column=headings[name],
            value=cells,
            near=cells.map(near),
        )
    return read


def _near(word: str, called: dict[str, str]) -> str:
    found = dict.fromkeys(called[near] for near in named.near(word, called))
    return ", ".join(found) or "-"
