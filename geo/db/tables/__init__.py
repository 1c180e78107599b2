"""Every table, with the constraints that the database itself holds.

Two kinds of time: `valid` is when a thing was so; `editions` is in which published editions it is
known so. Ranges are half-open, an open end is NULL. An imported row's natural key is `external_id`.
"""

from geo.db.tables.base import SRID, Base
from geo.db.tables.changes import Change, Version
from geo.db.tables.coverage import (
    BuildingOccupancy,
    CoverageHidden,
    CoverageHiddenBase,
    CoverageMonth,
    CoveragePacked,
    CoverageRecency,
    CoverageRelease,
    CoverageSetting,
    CoverageTotal,
    Delivery,
    HouseholdHome,
    HouseholdStatus,
)
from geo.db.tables.geocoding import (
    Alias,
    GeocodedRow,
    GeocodeReview,
    ReviewDecision,
)
from geo.db.tables.incidents import Incident, IncidentDecision, IncidentKey, IncidentMove
from geo.db.tables.people import (
    Cadre,
    CompoundPairing,
    Household,
    Organisation,
    Pairing,
    PostTerm,
    Visit,
)
from geo.db.tables.places import Building, Compound, Landmark
from geo.db.tables.routing import Category, Rule, RuleSet
from geo.db.tables.territory import TOOK_EFFECT, Division, Edition, Grid, GridLineage, GridVersion

__all__ = [
    "SRID",
    "TOOK_EFFECT",
    "Alias",
    "Base",
    "Building",
    "BuildingOccupancy",
    "Cadre",
    "Category",
    "Change",
    "Compound",
    "CompoundPairing",
    "CoverageHidden",
    "CoverageHiddenBase",
    "CoverageMonth",
    "CoveragePacked",
    "CoverageRecency",
    "CoverageRelease",
    "CoverageSetting",
    "CoverageTotal",
    "Delivery",
    "Division",
    "Edition",
    "GeocodeReview",
    "GeocodedRow",
    "Grid",
    "GridLineage",
    "GridVersion",
    "Household",
    "HouseholdHome",
    "HouseholdStatus",
    "Incident",
    "IncidentDecision",
    "IncidentKey",
    "IncidentMove",
    "Landmark",
    "Organisation",
    "Pairing",
    "PostTerm",
    "ReviewDecision",
    "Rule",
    "RuleSet",
    "Version",
    "Visit",
]
