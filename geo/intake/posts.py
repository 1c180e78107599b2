"""What only terms of posts need: who sits where, posts that a level lacks, bodies by their name."""

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.intake import named, repository
from geo.intake.problems import Problems
from geo.people import facts

MEMBER = "member"
LEVEL_ONE, LEVEL_TWO = 12, 15  # digits of codes


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
        `seat`: of a member the cadre's number or, without one, the name; else "". And
        `organisation_id`, where the file has it: the number that a name stands for.
    """
    _check_level(given["grid_code"], given["role"], problems)
    who = given["holder"]
    if "cadre_id" in given:
        who = given["cadre_id"].fillna(who)
    made = {"seat": who.where(given["role"] == MEMBER, "")}
    if "organisation_id" in given:
        written = given["organisation_id"]
        bodies = repository.organisations(session).itertuples(index=False)
        known = named.meanings((number, (name, *aliases)) for number, name, aliases in bodies)
        made["organisation_id"] = named.codes(written, known).fillna(written)
    return made


def _check_level(codes: pd.Series, roles: pd.Series, problems: Problems) -> None:
    posts = facts.posts()
    digits = codes.str.len()
    level = np.select([digits == LEVEL_ONE, digits == LEVEL_TWO], [1, 2], 0)
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
