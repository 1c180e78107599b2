"""The seeded demo banner: plausible, and marked synthetic wherever it goes."""

from geo.synthetic.banner import Banner, make
from geo.synthetic.files import write, write_ground
from geo.synthetic.places import SEED, Places, make_places
from geo.synthetic.towns import SizeError

__all__ = [
    "SEED",
    "Banner",
    "Places",
    "SizeError",
    "make",
    "make_places",
    "write",
    "write_ground",
]
