"""What people speaks of: the posts that grids have."""

from dataclasses import dataclass


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
