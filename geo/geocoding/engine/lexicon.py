"""How names are entered, so that one pass over a text finds them all."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from geo.geocoding.engine.mention import Mention
from geo.geocoding.facts import lookalikes

# Name to kind to what it may name.
Entries = dict[str, dict[int, list[tuple[Any, Any]]]]
# How characters of the neighbours' names are misheard; what looks like them is computed.
_HEARD = {
    "后": "厚候侯",
    "特": "特忒",
    "格": "革个",
    "金": "今斤",
    "尔": "而耳",
    "审": "深神",
    "前": "钱",
}


def no_entries() -> Entries:
    """Give a lexicon that nothing is entered in yet."""
    return defaultdict(lambda: defaultdict(list))


def automaton(entries: Entries) -> Any:
    """Make what finds all names of a text in one pass."""
    import ahocorasick  # noqa: PLC0415  (late: the command line's --help must not wait)

    made = ahocorasick.Automaton()
    for name, kinds in entries.items():
        value = tuple((kind, tuple(targets)) for kind, targets in kinds.items())
        made.add_word(name, (len(name), value))
    made.make_automaton()
    return made


def mentions_of(automaton: Any, text: str) -> list[Mention]:
    """Find every name of a lexicon in a text, those within others too."""
    if not len(automaton):
        return []
    return [
        Mention(kind, end + 1 - length, end + 1, targets)
        for end, (length, kinds) in automaton.iter(text)
        for kind, targets in kinds
    ]


def slips_of_banner(name: str) -> set[str]:
    """Give the name of a banner and what it becomes by one slip: 杭锦后其, 杭锦厚旗.

    A slip in a name of three characters makes another one: 杭锦旗 has them at its end only.
    """
    written = {name}
    if name.endswith("旗"):
        written |= {name[:-1] + other for other in "其棋期骑齐祺琪"}
        for at in range(2, len(name) - 1):
            alike = lookalikes().get(name[at], "") + _HEARD.get(name[at], "")
            written |= {name[:at] + other + name[at + 1 :] for other in alike}
    return written


def place_names(names: Iterable[str], towns: list[str]) -> set[str]:
    """Give the names of a place, and those without the banner's or town's name in them."""
    listed = set(names)
    for name in names:
        for prefix in ("杭锦旗", *towns):
            first, found, rest = name.partition(prefix)
            if found and len(first + rest) > 3:  # noqa: PLR2004
                listed.add(first + rest)
            if found and len(first) > 3:  # noqa: PLR2004
                # 中国农业银行锡尼镇支行 is 中国农业银行, or 农业银行, to those who live there.
                listed |= {first, first.removeprefix("中国")}
    return {name for name in listed if len(name) > 1}
