"""A router without a database: squares, rules and posts that can be sketched.

150625100001       150625100002
+------+------+    +------+
| …001 | …002 |    | …001 |     y = 0 to 1
+------+------+    +------+
x = 0  1      2    3      4
"""

from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.people import repository as people
from geo.routing.model import Category, Rule, RuleSet
from geo.routing.router import Router
from geo.territory.index import GridIndex
from geo.territory.live import Snapshot
from geo.territory.model import Edition
from tests.builders import ORIGIN, SIDE_DEG, square, territory

FIRST, SECOND, THIRD = "150625100001001", "150625100001002", "150625100002001"
DAY = date(2026, 12, 1)
LIMIT_M = 50.0
CATEGORIES = {
    code: Category(code, parent, name, name_en, (), "own")
    for code, parent, name, name_en in (
        ("city", None, "城市服务", "City services"),
        ("city.heating", "city", "供热", "Heating"),
        ("dispute", None, "矛盾纠纷", "Disputes"),
        ("dispute.neighbour", "dispute", "邻里纠纷", "Dispute between neighbours"),
    )
}
RULES = (
    Rule("city", "city", "grid", "150625", "D1", 24),
    Rule("city-above", "city", "banner", "150625", "D2", 72),
    Rule("heating", "city.heating", "grid", "150625", "D2", 4),
    Rule("heating-east", "city.heating", "grid", THIRD[:12], "D3", 2),
    Rule("neighbours-here", "dispute.neighbour", "community", SECOND, "D3", 8.5),
)
DEPARTMENTS = {"D1": "城市管理局", "D2": "住房和城乡建设局", "D3": "司法局"}
HOLDERS = (
    (FIRST[:12], "grid_leader", "张某", "0477-1", None),
    (FIRST[:12], "first_secretary", "李某", None, "司法局"),
    (FIRST, "grid_leader", "王某", None, None),
    (FIRST, "member", "赵某", "0477-2", "城市管理局"),
    (FIRST, "member", "周某", None, None),
)


def at(x: float, y: float = 0.5) -> tuple[float, float]:
    """Longitude and latitude of a place in squares, to the digits that borders are stored with."""
    return round(ORIGIN[0] + x * SIDE_DEG, 7), round(ORIGIN[1] + y * SIDE_DEG, 7)


def sketched() -> gpd.GeoDataFrame:
    """Both levels of the territory above."""
    return territory(
        square(FIRST, x=0, name="金鼎小区"),
        square(SECOND, x=1, name="鑫园小区"),
        square(THIRD, x=3, name="新园小区"),
        communities={FIRST[:12]: "建安社区"},
        towns={FIRST[:9]: "锡尼镇"},
    )


def router(
    grids: gpd.GeoDataFrame | None = None,
    *,
    rules: tuple[Rule, ...] | None = RULES,
    holders: tuple[tuple[str | None, ...], ...] = HOLDERS,
) -> Router:
    """Make the router of 1 December 2026; without a rule set where `rules` is None."""
    both = sketched() if grids is None else grids
    names = both[both["level"] == 2].set_index("code")[["name", "community", "town"]]
    names = names.assign(name_en=None, community_en=None, town_en=None).astype(object)
    made = pd.DataFrame(holders, columns=list(people.COLUMNS[:5]), dtype=object)
    return Router(
        Snapshot(
            Edition(
                id=1,
                title="首版",
                valid_from=DAY,
                published_at=datetime(2026, 11, 1, tzinfo=UTC),
                synthetic=True,
                attribution="合成边界",
                note=None,
            ),
            DAY,
            None,
            GridIndex(both[both["level"] == 2]),
            names.sort_index(),
        ),
        DAY,
        rule_set=None if rules is None else RuleSet(7, "规则", DAY, None, rules),
        categories=CATEGORIES,
        departments=DEPARTMENTS,
        holders=made.reindex(columns=list(people.COLUMNS)),
        limit_m=LIMIT_M,
    )


def asked(rng: np.random.Generator, count: int) -> pd.DataFrame:
    """Make points in, on the borders of, beside and far from the sketch, with and without words."""
    x, y = rng.uniform(-1, 5, count), rng.uniform(-0.8, 1.8, count)
    on_border = rng.random(count) < 0.3
    x[on_border] = rng.choice([0.0, 1.0, 2.0, 3.0, 4.0], on_border.sum())
    longitude, latitude = ORIGIN[0] + x * SIDE_DEG, ORIGIN[1] + y * SIDE_DEG
    # Borders are stored to 1e-7 degrees: a place on one is written alike.
    longitude[on_border] = np.round(longitude[on_border], 7)
    far = rng.random(count) < 0.02
    longitude[far], latitude[far] = (
        rng.uniform(-180, 180, far.sum()),
        rng.uniform(-90, 90, far.sum()),
    )
    words = [*CATEGORIES, "nobody.knows", None]
    return pd.DataFrame(
        {
            "longitude": longitude,
            "latitude": latitude,
            "category": rng.choice(np.array(words, dtype=object), count),
            "accuracy_m": rng.choice([np.nan, 0.0, 1.0, 20.0, 300.0], count),
        },
        index=rng.permutation(count) + 1000,
    )
