"""SQL of what a load writes beside its grids: divisions, compounds, other names of communities."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import geopandas as gpd
import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.db.copy import copy_frame


@dataclass(frozen=True)
class Registers:
    """What a load writes beside its grids, when its edition takes effect.

    Parameters
    ----------
    divisions : GeoDataFrame or None
        See `put_divisions`.
    communities, compounds : GeoDataFrame
        See `put_community_aliases` and `put_compounds`.
    """

    divisions: gpd.GeoDataFrame | None
    communities: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame

    def to_json(self) -> dict[str, Any]:
        """Give it as GeoJSON, to be kept until that day."""
        return {
            name: json.loads(table.to_json(to_wgs84=False))
            for name, table in vars(self).items()
            if table is not None
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        tables = {
            name: gpd.GeoDataFrame.from_features(kept[name]["features"], crs=STORAGE_CRS)
            for name in kept
        }
        return cls(tables.get("divisions"), tables["communities"], tables["compounds"])


def put_divisions(session: Session, divisions: pd.DataFrame) -> None:
    """Write banner and towns anew where they are known already.

    Parameters
    ----------
    session : Session
    divisions : DataFrame or GeoDataFrame
        `code`, `kind`, `name`, and where known `name_en`, `aliases` ("|" between), `geometry`.
    """
    rows = _staged(divisions, {"code", "kind", "name", "name_en", "aliases", "geometry"})
    _stage(session, "staged_division", "code text, kind text", rows)
    session.execute(
        text(
            "INSERT INTO division (code, kind, name, name_en, aliases, geom) "
            "SELECT code, kind, name, name_en, string_to_array(coalesce(aliases, ''), '|'), "
            "ST_Multi(geom) FROM staged_division ON CONFLICT (code) DO UPDATE SET "
            "kind = excluded.kind, name = excluded.name, name_en = excluded.name_en, "
            "aliases = excluded.aliases, geom = coalesce(excluded.geom, division.geom)"
        )
    )
    session.execute(text("DROP TABLE staged_division"))


def put_compounds(session: Session, compounds: gpd.GeoDataFrame) -> None:
    """Write compounds with the grid that each lies in; those known already by number anew.

    A file that gives a compound aliases decides which; one that gives none leaves them as they are.
    A name that it had stays one of them, unless another bears that name now.

    Parameters
    ----------
    session : Session
    compounds : GeoDataFrame
        See `geo.frames.COMPOUNDS`, with `grid_code`.
    """
    columns = {"external_id", "name", "name_en", "aliases", "kind", "built_year", "grid_code"}
    rows = _staged(compounds, columns | {"geometry"})
    _stage(
        session,
        "staged_compound",
        "external_id text, kind text, built_year text, grid_code text",
        rows,
    )
    # A file without a column says nothing of it.
    given = ["geom", *sorted(columns & set(compounds.columns) - {"external_id", "aliases"})]
    anew = ", ".join(f"{name} = excluded.{name}" for name in given)
    session.execute(
        text(
            "INSERT INTO compound (external_id, name, name_en, aliases, kind, built_year, "  # noqa: S608 - columns of ours
            "grid_code, geom) SELECT external_id, name, name_en, "
            "string_to_array(coalesce(aliases, ''), '|'), kind, built_year::numeric::int, "
            "grid_code, ST_Multi(geom) FROM staged_compound ON CONFLICT (external_id) DO UPDATE "
            f"SET {anew}, aliases = ARRAY(SELECT each FROM unnest("
            "coalesce(nullif(excluded.aliases, '{}'), compound.aliases) || compound.name) "
            "WITH ORDINALITY AS named (each, nth) "
            "WHERE each NOT IN ('', excluded.name) "
            "AND each NOT IN (SELECT name FROM staged_compound) "
            "GROUP BY each ORDER BY min(nth))"
        )
    )
    session.execute(text("DROP TABLE staged_compound"))


def put_community_aliases(session: Session, communities: pd.DataFrame, *, valid_from: date) -> None:
    """Make the aliases of communities names that addresses may use.

    An alias that somebody withdrew or dismissed stays so: a file does not overrule a person.

    Parameters
    ----------
    session : Session
    communities : DataFrame
        `code`, `name`, and where known `aliases` ("|" between).
    valid_from : date
        First day on which the aliases count.
    """
    rows = _staged(communities, {"code", "name", "aliases"})
    _stage(session, "staged_community", "code text", rows)
    session.execute(
        text(
            "INSERT INTO alias (target_kind, target_id, alias, kind, source, valid, state, "
            "confirmed_by, confirmed_at) SELECT DISTINCT 'community', code, btrim(given), 'alias', "
            "'territory load', daterange(:valid_from, NULL), 'confirmed', 'territory load', now() "
            "FROM staged_community, unnest(string_to_array(aliases, '|')) AS given "
            "WHERE btrim(given) NOT IN ('', staged_community.name) AND NOT EXISTS (SELECT "
            "FROM alias AS there WHERE there.target_kind = 'community' "
            "AND there.target_id = staged_community.code AND there.alias = btrim(given))"
        ),
        {"valid_from": valid_from},
    )
    session.execute(text("DROP TABLE staged_community"))


def _staged(frame: pd.DataFrame, columns: set[str]) -> pd.DataFrame:
    absent = dict.fromkeys(columns - set(frame.columns))
    return frame.assign(**absent)[sorted(columns)].rename(columns={"geometry": "geom"})


def _stage(session: Session, table: str, columns: str, rows: pd.DataFrame) -> None:
    session.execute(
        text(
            f"CREATE TEMP TABLE {table} ({columns}, name text, name_en text, aliases text, "
            "geom geometry(Geometry, 4490)) ON COMMIT DROP"
        )
    )
    copy_frame(session, table, rows)
