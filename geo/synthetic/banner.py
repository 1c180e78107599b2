"""The whole demo banner: ground, people, visits and incidents, of one seed and one day."""

from dataclasses import dataclass
from datetime import date

import geopandas as gpd
import pandas as pd

from geo.synthetic.deliveries import deliver
from geo.synthetic.incidents import make_incidents
from geo.synthetic.occupancy import make_occupancies
from geo.synthetic.organisations import organise
from geo.synthetic.pairings import pair
from geo.synthetic.people import make_households
from geo.synthetic.places import SEED, Places, make_places
from geo.synthetic.posts import make_posts
from geo.synthetic.statuses import make_statuses
from geo.synthetic.visits import make_visits


@dataclass(frozen=True)
class Banner:
    """Every frame of a demo banner; columns as in the README of this package.

    Parameters
    ----------
    seed, size : int
    today : date
        The last day that the data know.
    communities, compounds, buildings, streets, places : GeoDataFrame
        In EPSG:4490.
    organisations, cadres, compound_pairings, households, pairings, visits : DataFrame
    incidents, posts, deliveries, household_statuses, occupancies : DataFrame
        Days are datetime64 without a zone, moments carry +08:00, an open end is missing.
    """

    seed: int
    size: int
    today: date
    communities: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    organisations: pd.DataFrame
    cadres: pd.DataFrame
    compound_pairings: pd.DataFrame
    households: pd.DataFrame
    pairings: pd.DataFrame
    visits: pd.DataFrame
    incidents: pd.DataFrame
    posts: pd.DataFrame
    deliveries: pd.DataFrame
    household_statuses: pd.DataFrame
    occupancies: pd.DataFrame


def make(*, seed: int = SEED, size: int = 1, today: date, places: Places | None = None) -> Banner:
    """Make a demo banner.

    Parameters
    ----------
    seed : int, default 150625
        Not negative. The same seed and day give the same banner, byte for byte.
    size : int, default 1
        At 1: 13 communities, 104 compounds, 22,000 households with 62,000 residents, 125
        organisations with 4,106 cadres. Other sizes are that many times as large.
    today : date
        The data end here; new compounds, visits and incidents are dated back from it.
    places : Places, optional
        Ground already made of the same seed and size, to save making it again.

    Returns
    -------
    Banner

    Raises
    ------
    SizeError
        If `size` is out of range.
    """
    ground = make_places(seed=seed, size=size) if places is None else places
    households = make_households(ground, seed=seed, today=today)
    organised = organise(ground, households, seed=seed, today=today)
    pairings = pair(ground, households, organised.duty, seed=seed, today=today)
    happened = make_visits(
        ground, households, organised.cadres, pairings, organised.duty, seed=seed, today=today
    )
    statuses = make_statuses(households, happened, seed=seed, today=today)
    deliveries, visits = deliver(
        organised.organisations, organised.cadres, happened, seed=seed, today=today
    )
    return Banner(
        seed=seed,
        size=ground.size,
        today=today,
        communities=ground.communities,
        compounds=ground.compounds,
        buildings=ground.buildings,
        streets=ground.streets,
        places=ground.places,
        organisations=organised.organisations,
        cadres=organised.cadres,
        compound_pairings=organised.compound_pairings,
        households=households,
        pairings=pairings.frame(households, organised.cadres),
        visits=visits,
        incidents=make_incidents(ground, households, seed=seed, today=today),
        posts=make_posts(ground, organised, seed=seed, today=today),
        deliveries=deliveries,
        household_statuses=statuses,
        occupancies=make_occupancies(
            ground.buildings, households, statuses, seed=seed, today=today
        ),
    )
