"""All SQL of what a new edition means for households, their pairings and posts."""

from collections.abc import Collection
from datetime import date

import pandas as pd
from sqlalchemy import func, literal, select, text
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.db.copy import copy_frame
from geo.errors import ConflictError
from geo.territory import rehoming
from geo.territory.index import GridIndex


class HouseholdsLostError(ConflictError):
    """Households would lie in no grid of the new edition."""

    code = "territory.households_lost"
    zh = (
        "新边界之外有 {count} 户（例如 {example}），距最近网格超过 {limit_m} 米，未发布。"
        "请先调整边界。"
    )
    en = (
        "{count} households (for example {example}) would lie over {limit_m} m from any grid; "
        "nothing was published. Correct the boundaries first."
    )


def find_rehomed(session: Session, index: GridIndex, *, limit_m: float) -> pd.DataFrame:
    """Find the households that lie in another grid of an edition than they do now.

    Parameters
    ----------
    session : Session
    index : GridIndex
        Of the edition's level-two grids.
    limit_m : float
        How far outside a household may lie from its nearest grid.

    Returns
    -------
    DataFrame
        The households whose grid is another now, see `geo.territory.rehoming.find_moved`.

    Raises
    ------
    HouseholdsLostError
        If a household would have no grid.
    """
    table = t.Household
    rows = session.execute(
        select(table.id, table.external_id, table.grid_code, table.geom.ST_AsBinary()).where(
            table.geom.is_not(None)
        )
    ).all()
    points = pd.DataFrame(rows, columns=["id", "external_id", "grid_code", "wkb"])
    moved = rehoming.find_moved(points, index, limit_m=limit_m)
    lost = moved.loc[moved["to_grid"].isna(), "external_id"]
    if len(lost):
        raise HouseholdsLostError(count=len(lost), example=lost.iloc[0], limit_m=f"{limit_m:g}")
    return moved


def rehome(session: Session, index: GridIndex, *, limit_m: float) -> pd.DataFrame:
    """Let every household lie in its grid of an edition: `find_rehomed`, and write it.

    Nothing is committed here.
    """
    moved = find_rehomed(session, index, limit_m=limit_m)
    if len(moved):
        session.execute(
            text(
                "CREATE TEMP TABLE rehomed (id int, to_grid text, match text, distance_m float8) "
                "ON COMMIT DROP"
            )
        )
        copy_frame(session, "rehomed", moved[["id", "to_grid", "match", "distance_m"]])
        session.execute(
            text(
                "UPDATE household AS h SET grid_code = r.to_grid, match = r.match, "
                "distance_m = r.distance_m FROM rehomed AS r WHERE h.id = r.id"
            )
        )
        session.execute(text("DROP TABLE rehomed"))
    return moved


def pairings_of(session: Session, households: Collection[int], *, on: date) -> pd.DataFrame:
    """List the pairings of households that hold on a day.

    Parameters
    ----------
    session : Session
    households : collection of int
        Their `id`.
    on : date

    Returns
    -------
    DataFrame
        `household` and `cadre` (their `external_id`); by these.
    """
    pairing, household, cadre = t.Pairing, t.Household, t.Cadre
    rows = session.execute(
        select(household.external_id, cadre.external_id)
        .join_from(pairing, household, household.id == pairing.household_id)
        .join(cadre, cadre.id == pairing.cadre_id)
        .where(
            household.id == func.any(literal(list(households))), pairing.valid.contains(literal(on))
        )
        .order_by(household.external_id, cadre.external_id)
    ).all()
    return pd.DataFrame(rows, columns=["household", "cadre"], dtype="str")
