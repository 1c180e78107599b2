"""The codes of places, each level's beginning with the code of what it is part of.

A banner has 6 digits, a town or sumu 9, a community (level one) 12, a level-two grid 15 characters;
the last three of a grid may be letters.
"""

BANNER_DIGITS, TOWN_DIGITS, COMMUNITY_DIGITS, GRID_DIGITS = 6, 9, 12, 15
# From the part to the whole.
ALL_DIGITS = (GRID_DIGITS, COMMUNITY_DIGITS, TOWN_DIGITS, BANNER_DIGITS)
# The two levels that tile the ground, by the digits of their codes.
LEVELS = {COMMUNITY_DIGITS: 1, GRID_DIGITS: 2}

# Regular expressions of a whole code, without anchors.
TOWN_CODE = r"[0-9]{9}"
COMMUNITY_CODE = r"[0-9]{12}"
GRID_CODE = r"[0-9]{12}([0-9A-Z]{3})?"  # of either level
PLACE_CODE = r"[0-9]{6}([0-9]{3}([0-9]{3}([0-9A-Z]{3})?)?)?"


def level(code: str) -> int | None:
    """Give the level of a grid by its code; None for a town or the banner.

    Examples
    --------
    >>> level("150625100001"), level("150625100001001"), level("150625100")
    (1, 2, None)
    """
    return LEVELS.get(len(code))


def lineage(code: str) -> tuple[str, ...]:
    """Give a place and all that it is part of, from the part to the whole.

    Examples
    --------
    >>> lineage("150625100001001")
    ('150625100001001', '150625100001', '150625100', '150625')
    """
    return tuple(code[:digits] for digits in ALL_DIGITS if len(code) >= digits)


def community_of(code: str) -> str:
    """Give the code of the community that a grid is part of, or is.

    Examples
    --------
    >>> community_of("150625100001001")
    '150625100001'
    """
    return code[:COMMUNITY_DIGITS]


def town_of(code: str) -> str:
    """Give the code of the town that a grid is part of.

    Examples
    --------
    >>> town_of("150625100001001")
    '150625100'
    """
    return code[:TOWN_DIGITS]
