"""Words for things that are known by several names: a category, an organisation."""

import difflib
from collections.abc import Iterable

import pandas as pd

from geo.text import name_key

# How alike a word must be to be named as what may have been meant; Chinese names are short.
_ALIKE = 0.4
_SHOWN = 3


def meanings(names: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    """Give what each folded word means, but for words that could mean two things.

    Parameters
    ----------
    names : iterable of (str, iterable of str)
        A code, and the words for it. A code always means itself.

    Returns
    -------
    dict of str to str
        What `geo.text.name_key` gives of a word, to its code.
    """
    pairs = [(code, list(words)) for code, words in names]
    said: dict[str, set[str]] = {}
    for code, words in pairs:
        for word in words:
            said.setdefault(name_key(word), set()).add(code)
    clear = {word: next(iter(codes)) for word, codes in said.items() if len(codes) == 1}
    return clear | {name_key(code): code for code, _ in pairs}


def codes(words: pd.Series, known: dict[str, str]) -> pd.Series:
    """Give the code that each word means; missing where it means nothing.

    Parameters
    ----------
    words : Series of str, shape (n,)
    known : dict
        See `meanings`.

    Returns
    -------
    Series of str, shape (n,)
        On the same index.
    """
    which, distinct = pd.factorize(words)
    meant = pd.Series([known.get(name_key(word)) for word in distinct], dtype="str")
    # -1 stands for a blank and is on no index, so it comes back missing.
    return meant.reindex(which).set_axis(words.index)


def near(word: str, names: Iterable[str]) -> list[str]:
    """Give up to three names that somebody who wrote a word may have meant, the likeliest first."""
    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name_key(name), name)
    meant = name_key(word)
    found = difflib.get_close_matches(meant, folded, n=_SHOWN, cutoff=_ALIKE)
    # A short word within a long name is not alike by length.
    held = [name for name in folded if meant and (meant in name or name in meant)]
    return [folded[name] for name in dict.fromkeys([*found, *held])][:_SHOWN]
