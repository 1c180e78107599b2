"""What only terms of posts need: who sits where, posts that a level lacks, bodies by their name."""

import pandas as pd
from sqlalchemy.orm import Session

from geo.codes import LEVELS
from geo.intake import repository
from geo.intake.problems import Problems
from geo.people import facts
from geo.text import name_key

MEMBER = "member"


def read(session: Session, given: dict[str, pd.Series], problems: Problems) -> dict[str, pd.Series]:
    """Give the columns that terms get beside those of their file.

    Parameters
    ----------
    session : Session
    given : dict of str to Series, shapes (n,)
        Canonical column to its values.
    problems : Problems
        Gets POST.level.

    Returns
    -------
    dict of str to Series, shapes (n,)
        `seat`: of a member the cadre's number or, without one, what tells the name from others;
        else "".
    """
    _check_level(given["grid_code"], given["role"], problems)
    who = given["holder"].map(name_key, na_action="ignore").astype("str")
    if "cadre_id" in given:
        who = given["cadre_id"].fillna(who)
    is_member = given["role"] == MEMBER
    return {"seat": _as_stored(session, given["grid_code"], who).where(is_member, "")}


def _as_stored(session: Session, grids: pd.Series, who: pd.Series) -> pd.Series:
    """Give seats as the terms have them that came when each spelling was another seat."""
    there = repository.seats(session, MEMBER)
    keys = there["seat"].map(name_key)
    old = there[(keys != there["seat"]).to_numpy(dtype=bool)].assign(key=keys)
    if old.empty:
        return who
    same = {(grid, key): seat for grid, seat, key in old.itertuples(index=False)}
    same |= {(grid, seat): seat for grid, seat in there.itertuples(index=False)}
    pairs = zip(grids, who, strict=True)
    return pd.Series([same.get(each, each[1]) for each in pairs], index=who.index, dtype="str")


def _check_level(codes: pd.Series, roles: pd.Series, problems: Problems) -> None:
    posts = facts.posts()
    digits = codes.str.len()
    level = digits.map(LEVELS).fillna(0).to_numpy()
    for number, zh, en in ((1, "社区", "a community"), (2, "二级网格", "a level-two grid")):
        has = [role for role, post in posts.items() if number in post.levels]
        lacks = (level == number) & roles.notna().to_numpy() & ~roles.isin(has).to_numpy()
        for role in roles[lacks].unique():
            problems.add(
                "POST.level",
                lacks & (roles == role).to_numpy(),
                grid=zh,
                grid_en=en,
                role=posts[role].zh,
                role_en=posts[role].en,
                wanted=", ".join(posts[each].en for each in has),
                wanted_zh="、".join(posts[each].zh for each in has),
            )
