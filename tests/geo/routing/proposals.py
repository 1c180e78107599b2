"""Proposals one can sketch: a rule a line, "name category level place department hours".

Three networks in two communities of two grids each:

    150625100001001 | 150625100001002 | 150625100002001 | 150625101001001
"""

from typing import Any

from geo.routing.check import Known
from geo.routing.model import LADDER, Rule
from geo.routing.proposal import KEYS, Proposal

GRIDS = ("150625100001001", "150625100001002", "150625100002001", "150625101001001")
BANNER, TOWN, OTHER_TOWN = "150625", "150625100", "150625101"
COMMUNITY, OTHER_COMMUNITY = "150625100001", "150625100002"
KNOWN = Known(
    categories={
        "city": ("城市服务", "City services", "城管"),
        "city.heating": ("供热问题", "Heating", "暖气不热"),
        "city.noise": ("噪声扰民", "Noise"),
        "dispute": ("矛盾纠纷", "Disputes"),
        "order": ("社会治安", "Public order"),
    },
    departments={
        "D1": ("杭锦旗住房和城乡建设局", "住建局"),
        "D2": ("杭锦旗供热有限责任公司", "热力公司"),
        "D3": ("锡尼镇人民政府", "政府"),
        "D4": ("杭锦旗人民政府办公室", "政府"),
    },
    grids=GRIDS,
)


def rule(line: str) -> Rule:
    """Read a rule from its line."""
    name, category, level, place, department, limit_h = line.split()
    return Rule(name, category, level, place, department, float(limit_h))  # type: ignore[arg-type]


def rows(*lines: str) -> tuple[dict[str, Any], ...]:
    """Give the tables of rules, as a file holds them."""
    return tuple({key: getattr(rule(line), key) for key in KEYS} for line in lines)


def proposed(*lines: str, **head: Any) -> Proposal:
    """A proposal of rules."""
    made = rows(*lines)
    return Proposal("规则.toml", {**head, "rule": list(made)}, made)


def everywhere(*networks: str, department: str = "D1", place: str = BANNER) -> list[str]:
    """Lines that answer for networks at every level of a place, a day at each."""
    return [
        f"{network}-{level} {network} {level} {place} {department} 24"
        for network in networks
        for level in LADDER
    ]


WHOLE = everywhere("city", "dispute", "order")
