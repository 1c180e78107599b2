"""What people speaks of: the posts that grids have, and lists of them."""

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Post:
    """A post of the grids of some levels; the fields are those of `posts.toml`.

    Parameters
    ----------
    role : str
        As stored.
    zh, en : str
        What it is called.
    levels : tuple of int
        1 communities, 2 compounds.
    single : bool
        One holder at a time: without one it is vacant. Members stand beside each other.
    term_months : int, optional
        How long a term lasts where that is laid down.
    """

    role: str
    zh: str
    en: str
    levels: tuple[int, ...]
    single: bool
    term_months: int | None = None


@dataclass(frozen=True)
class Part:
    """Which grids of a list are wanted.

    Parameters
    ----------
    within : str
        Prefix of their codes: a banner, a town, a community with its grids, a grid.
    after : str
        Only those whose codes sort after this one.
    limit : int, optional
        At most so many grids; all where not named.
    """

    within: str = ""
    after: str = ""
    limit: int | None = None


@dataclass(frozen=True)
class Page:
    """Rows of whole grids, and the last of their codes where more follow."""

    rows: pd.DataFrame
    more_after: str | None
