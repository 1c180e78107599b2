"""What an address says about where its compound is."""

from typing import NamedTuple

from geo.codes import town_of
from geo.geocoding.engine.mention import COMMUNITY, TOWN, Mention
from geo.geocoding.engine.near import Named


class Context(NamedTuple):
    """What an address says about where the compound is.

    Parameters
    ----------
    communities, towns : frozenset of str
        Codes; empty where nothing is said.
    community_name, town_name : str
        As written.
    full : bool
        The community is named in full, not by its stem alone.
    """

    communities: frozenset[str]
    towns: frozenset[str]
    community_name: str
    town_name: str
    full: bool


def context(text: str, mentions: list[Mention], named: list[Named]) -> Context:
    """Gather the communities and towns that an address names.

    Parameters
    ----------
    text : str
    mentions : list of Mention
    named : list of Named
        A word that is taken for the compound's name says nothing about the community.

    Returns
    -------
    Context
    """
    communities: set[str] = set()
    towns: set[str] = set()
    community_name = town_name = ""
    spans = {(one.start, one.end) for one in named if one.how != "near"}
    for mention in mentions:
        name = text[mention.start : mention.end]
        if mention.kind == COMMUNITY and (mention.start, mention.end) not in spans:
            communities |= {code for code, _ in mention.targets}
            community_name = name
        elif mention.kind == TOWN:
            towns |= {code for code, _ in mention.targets}
            town_name = name
    # 向阳社区 is in two towns; the town named says which.
    within = {code for code in communities if town_of(code) in towns}
    communities = within or communities
    full = community_name.endswith(("社区", "委会", "委员会"))
    return Context(frozenset(communities), frozenset(towns), community_name, town_name, full)
