"""Every table as it was when migrations began to be kept.

Nobody ran a version before this one: its number follows theirs, so that a database of them is not
taken for one of these. Functions, views and triggers are in `geo/db/schema`.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A server of one's own may have them already, made by its administrator.
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _create_territory()
    _create_places()
    _create_people()
    _create_routing()
    _create_incidents()
    _create_geocoding()
    _create_coverage()
    _create_changes()


def _create_territory() -> None:
    op.create_geospatial_table(
        "division",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.CheckConstraint("code ~ '^(\\d{6}|\\d{9})$'", name=op.f("ck_division_code")),
        sa.CheckConstraint("kind <> ''", name=op.f("ck_division_kind")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_division")),
    )
    op.create_geospatial_index(
        "idx_division_geom",
        "division",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "edition",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column(
            "published_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("measuring_crs", sa.Text(), server_default="EPSG:4545", nullable=False),
        sa.CheckConstraint("id > 0", name=op.f("ck_edition_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
    )
    op.create_table(
        "grid",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column(
            "level",
            sa.Integer(),
            sa.Computed("CASE WHEN length(code) = 12 THEN 1 ELSE 2 END", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "community_code",
            sa.Text(),
            sa.Computed("left(code, 12)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "town_code", sa.Text(), sa.Computed("left(code, 9)", persisted=True), nullable=False
        ),
        sa.Column("first_edition", sa.Integer(), nullable=False),
        sa.CheckConstraint("code ~ '^\\d{12}([0-9A-Z]{3})?$'", name=op.f("ck_grid_code")),
        sa.ForeignKeyConstraint(
            ["community_code"], ["grid.code"], name=op.f("fk_grid_community_code")
        ),
        sa.ForeignKeyConstraint(
            ["first_edition"], ["edition.id"], name=op.f("fk_grid_first_edition")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_grid")),
    )
    op.create_index(op.f("ix_grid_community_code"), "grid", ["community_code"], unique=False)
    op.create_geospatial_table(
        "grid_version",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="general", nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("editions", postgresql.INT4RANGE(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("code"), "="),
            (sa.column("valid"), "&&"),
            (sa.column("editions"), "&&"),
            using="gist",
            name="ex_grid_version_code_valid_editions",
        ),
        sa.CheckConstraint("kind IN ('general', 'dedicated')", name=op.f("ck_grid_version_kind")),
        sa.CheckConstraint("NOT ST_IsEmpty(geom)", name=op.f("ck_grid_version_geom")),
        sa.CheckConstraint(
            "NOT isempty(editions) AND lower(editions) >= 1", name=op.f("ck_grid_version_editions")
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL", name=op.f("ck_grid_version_valid")
        ),
        sa.ForeignKeyConstraint(["code"], ["grid.code"], name=op.f("fk_grid_version_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid_version")),
    )
    op.create_geospatial_index(
        "idx_grid_version_geom",
        "grid_version",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_grid_version_code"), "grid_version", ["code"], unique=False)


def _create_places() -> None:
    op.create_geospatial_table(
        "landmark",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landmark")),
        sa.UniqueConstraint("external_id", name=op.f("uq_landmark_external_id")),
    )
    op.create_geospatial_index(
        "idx_landmark_geom",
        "landmark",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_landmark_kind"), "landmark", ["kind"], unique=False)
    op.create_geospatial_table(
        "compound",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("built_year", sa.Integer(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("built_year BETWEEN 1900 AND 2200", name=op.f("ck_compound_built_year")),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], name=op.f("fk_compound_grid_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compound")),
        sa.UniqueConstraint("external_id", name=op.f("uq_compound_external_id")),
    )
    op.create_geospatial_index(
        "idx_compound_geom",
        "compound",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_compound_grid_code"), "compound", ["grid_code"], unique=False)
    op.create_geospatial_table(
        "building",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("compound_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("floors", sa.Integer(), nullable=False),
        sa.Column("rooms_per_floor", sa.Integer(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "units >= 0 AND floors >= 0 AND rooms_per_floor >= 0", name=op.f("ck_building_sizes")
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"], ["compound.id"], name=op.f("fk_building_compound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("external_id", name=op.f("uq_building_external_id")),
    )
    op.create_geospatial_index(
        "idx_building_geom",
        "building",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_building_compound_id"), "building", ["compound_id"], unique=False)


def _create_people() -> None:
    op.create_geospatial_table(
        "organisation",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("external_id", name=op.f("uq_organisation_external_id")),
    )
    op.create_geospatial_index(
        "idx_organisation_geom",
        "organisation",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "cadre",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("party_member", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_cadre_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cadre")),
        sa.UniqueConstraint("external_id", name=op.f("uq_cadre_external_id")),
    )
    op.create_index(op.f("ix_cadre_organisation_id"), "cadre", ["organisation_id"], unique=False)
    op.create_table(
        "compound_pairing",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("organisation_id"), "="),
            (sa.column("grid_code"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_compound_pairing_organisation_grid_valid",
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_compound_pairing_valid")),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_compound_pairing_grid_code")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_compound_pairing_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_compound_pairing")),
    )
    op.create_index(
        op.f("ix_compound_pairing_grid_code"), "compound_pairing", ["grid_code"], unique=False
    )
    op.create_index(
        op.f("ix_compound_pairing_organisation_id"),
        "compound_pairing",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "post_term",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("seat", sa.Text(), server_default="", nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("grid_code"), "="),
            (sa.column("role"), "="),
            (sa.column("seat"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_post_term_grid_role_seat_valid",
        ),
        sa.CheckConstraint("(role = 'member') = (seat <> '')", name=op.f("ck_post_term_seat")),
        sa.CheckConstraint(
            "CASE WHEN role IN ('first_secretary', 'rotating_secretary') THEN length(grid_code) = 12 WHEN role = 'member' THEN length(grid_code) = 15 ELSE true END",
            name=op.f("ck_post_term_level"),
        ),
        sa.CheckConstraint(
            "role IN ('grid_leader', 'liaison', 'member', 'first_secretary', 'rotating_secretary')",
            name=op.f("ck_post_term_role"),
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL", name=op.f("ck_post_term_valid")
        ),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_post_term_cadre_id")),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], name=op.f("fk_post_term_grid_code")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_post_term_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_term")),
    )
    op.create_index(op.f("ix_post_term_cadre_id"), "post_term", ["cadre_id"], unique=False)
    op.create_index(op.f("ix_post_term_grid_code"), "post_term", ["grid_code"], unique=False)
    op.create_index(
        op.f("ix_post_term_organisation_id"), "post_term", ["organisation_id"], unique=False
    )
    op.create_geospatial_table(
        "household",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("residents", sa.Integer(), server_default="0", nullable=False),
        sa.Column("needs_care", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("registered_from", sa.Date(), nullable=False),
        sa.Column("registered_to", sa.Date(), nullable=True),
        sa.Column("list_closed_on", sa.Date(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("interval_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "distance_m >= 0 AND (match <> 'inside' OR distance_m = 0)",
            name=op.f("ck_household_distance"),
        ),
        sa.CheckConstraint("match IN ('inside', 'nearest')", name=op.f("ck_household_match")),
        sa.CheckConstraint("interval_days >= 0", name=op.f("ck_household_interval")),
        sa.CheckConstraint("length(grid_code) = 15", name=op.f("ck_household_level_two")),
        sa.CheckConstraint("registered_from < registered_to", name=op.f("ck_household_registered")),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_household_residents")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_household_building_id")
        ),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], name=op.f("fk_household_grid_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("external_id", name=op.f("uq_household_external_id")),
    )
    op.create_geospatial_index(
        "idx_household_geom",
        "household",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_household_building_id"), "household", ["building_id"], unique=False)
    op.create_index(op.f("ix_household_grid_code"), "household", ["grid_code"], unique=False)
    op.create_table(
        "pairing",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("household_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_pairing_household_valid",
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL", name=op.f("ck_pairing_valid")
        ),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_pairing_cadre_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_pairing_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairing")),
    )
    op.create_index(op.f("ix_pairing_cadre_id"), "pairing", ["cadre_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_visit_cadre_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_visit_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sa.UniqueConstraint(
            "household_id",
            "cadre_id",
            "visited_on",
            name=op.f("uq_visit_household_id_cadre_id_visited_on"),
        ),
    )
    op.create_index(op.f("ix_visit_cadre_id"), "visit", ["cadre_id"], unique=False)
    op.create_index(
        op.f("ix_visit_household_id_visited_on"),
        "visit",
        ["household_id", "visited_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_visit_visited_on_household_id_cadre_id"),
        "visit",
        ["visited_on", "household_id", "cadre_id"],
        unique=False,
    )


def _create_routing() -> None:
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "code ~ '^[a-z][a-z_]*(\\.[a-z][a-z_]*)?$'", name=op.f("ck_category_code")
        ),
        sa.CheckConstraint(
            "parent IS NOT DISTINCT FROM nullif(split_part(code, '.', 1), code)",
            name=op.f("ck_category_parent"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["category.code"], name=op.f("fk_category_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
    )
    op.create_index(op.f("ix_category_parent"), "category", ["parent"], unique=False)
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "loaded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("valid"), "&&"), using="gist", name="ex_rule_set_valid"
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL", name=op.f("ck_rule_set_valid")
        ),
        sa.CheckConstraint("id > 0", name=op.f("ck_rule_set_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
    )
    op.create_table(
        "rule",
        sa.Column("rule_set", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("limit_h", sa.Double(), nullable=False),
        sa.CheckConstraint("level IN ('grid', 'community', 'banner')", name=op.f("ck_rule_level")),
        sa.CheckConstraint(
            "place ~ '^\\d{6}(\\d{3}(\\d{3}([0-9A-Z]{3})?)?)?$'", name=op.f("ck_rule_place")
        ),
        sa.CheckConstraint("limit_h > 0", name=op.f("ck_rule_limit")),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_rule_category")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["organisation.id"], name=op.f("fk_rule_department_id")
        ),
        sa.ForeignKeyConstraint(["rule_set"], ["rule_set.id"], name=op.f("fk_rule_rule_set")),
        sa.PrimaryKeyConstraint("rule_set", "name", name=op.f("pk_rule")),
    )
    op.create_index(op.f("ix_rule_department_id"), "rule", ["department_id"], unique=False)
    op.create_index(
        op.f("ix_rule_rule_set_category_level_place"),
        "rule",
        ["rule_set", "category", "level", "place"],
        unique=True,
    )


def _create_incidents() -> None:
    op.create_geospatial_table(
        "incident",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("reported_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("solved_at_level", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("match", sa.Text(), nullable=True),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("unplaced_reason", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4490,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.CheckConstraint("match IN ('inside', 'nearest')", name=op.f("ck_incident_match")),
        sa.CheckConstraint(
            "solved_at_level IN ('grid', 'community', 'above')",
            name=op.f("ck_incident_solved_at_level"),
        ),
        sa.CheckConstraint(
            "(grid_code IS NULL) = (unplaced_reason IS NOT NULL)", name=op.f("ck_incident_placed")
        ),
        sa.CheckConstraint("closed_at >= reported_at", name=op.f("ck_incident_closed")),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], name=op.f("fk_incident_grid_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("external_id", name=op.f("uq_incident_external_id")),
    )
    op.create_geospatial_index(
        "idx_incident_geom",
        "incident",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(op.f("ix_incident_category"), "incident", ["category"], unique=False)
    op.create_index(op.f("ix_incident_grid_code"), "incident", ["grid_code"], unique=False)
    op.create_index(op.f("ix_incident_reported_at"), "incident", ["reported_at"], unique=False)
    op.create_index(
        "ix_incident_unplaced",
        "incident",
        ["external_id"],
        unique=False,
        postgresql_where=sa.text("grid_code IS NULL"),
    )
    op.create_table(
        "incident_decision",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "decided_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("at", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("limit_h", sa.Double(), nullable=True),
        sa.Column(
            "candidates",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("nearest_limit_m", sa.Double(), server_default="200", nullable=False),
        sa.CheckConstraint(
            "(match = 'outside') = (grid_code IS NULL)", name=op.f("ck_incident_decision_placed")
        ),
        sa.CheckConstraint(
            "cause IN ('reported', 'moved', 'edition', 'rules')",
            name=op.f("ck_incident_decision_cause"),
        ),
        sa.CheckConstraint(
            "match IN ('inside', 'nearest', 'outside')", name=op.f("ck_incident_decision_match")
        ),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)", name=op.f("ck_incident_decision_position")
        ),
        sa.CheckConstraint("accuracy_m >= 0", name=op.f("ck_incident_decision_accuracy")),
        sa.CheckConstraint("nearest_limit_m >= 0", name=op.f("ck_incident_decision_nearest_limit")),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_incident_decision_edition")
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_incident_decision_grid_code")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_decision_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["rule_set"], ["rule_set.id"], name=op.f("fk_incident_decision_rule_set")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_decision")),
    )
    op.create_index(
        op.f("ix_incident_decision_incident_id_id"),
        "incident_decision",
        ["incident_id", "id"],
        unique=False,
    )
    op.create_table(
        "incident_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_key_incident_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident_key")),
    )
    op.create_index(
        op.f("ix_incident_key_incident_id"), "incident_key", ["incident_id"], unique=False
    )
    op.create_table(
        "incident_move",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "moved_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_move_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_move")),
    )
    op.create_index(
        op.f("ix_incident_move_incident_id_id"),
        "incident_move",
        ["incident_id", "id"],
        unique=False,
    )


def _create_geocoding() -> None:
    op.create_table(
        "alias",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="alias", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "proposed_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("target_kind"), "="),
            (sa.column("target_id"), "="),
            (sa.column("alias"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("state IN ('proposed', 'confirmed')"),
            using="gist",
            name="ex_alias_target_alias_valid",
        ),
        sa.CheckConstraint(
            "kind IN ('alias', 'abbreviation', 'former', 'popular', 'misspelling')",
            name=op.f("ck_alias_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'withdrawn', 'dismissed')",
            name=op.f("ck_alias_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'withdrawn') OR (confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL)",
            name=op.f("ck_alias_confirmed"),
        ),
        sa.CheckConstraint(
            "target_kind IN ('town', 'community', 'compound', 'building', 'landmark', 'organisation')",
            name=op.f("ck_alias_target_kind"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_alias_valid")),
        sa.CheckConstraint(
            "alias = btrim(alias) AND length(alias) BETWEEN 1 AND 100", name=op.f("ck_alias_alias")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_alias"), "alias", ["alias"], unique=False)
    op.create_table(
        "geocode_review",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("best", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "candidates",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.Column("faults", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("grid_probability", sa.Double(), nullable=False),
        sa.Column("affects", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_by IS NOT NULL)", name=op.f("ck_geocode_review_settled")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accept', 'pick', 'unknown', 'not_in_banner', 'settled')",
            name=op.f("ck_geocode_review_state"),
        ),
        sa.CheckConstraint("affects >= 0", name=op.f("ck_geocode_review_affects")),
        sa.CheckConstraint(
            "grid_probability BETWEEN 0 AND 1", name=op.f("ck_geocode_review_grid_probability")
        ),
        sa.CheckConstraint(
            "length(text) <= 500 AND length(normalised) <= 500",
            name=op.f("ck_geocode_review_length"),
        ),
        sa.CheckConstraint(
            "probability BETWEEN 0 AND 1", name=op.f("ck_geocode_review_probability")
        ),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_geocode_review_edition")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["alias.id"], name=op.f("fk_geocode_review_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geocode_review")),
        sa.UniqueConstraint("normalised", name=op.f("uq_geocode_review_normalised")),
    )
    op.create_index(
        op.f("ix_geocode_review_state_affects"),
        "geocode_review",
        ["state", "affects"],
        unique=False,
    )
    op.create_table(
        "geocoded_row",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('households', 'incidents')", name=op.f("ck_geocoded_row_kind")
        ),
        sa.CheckConstraint("length(text) <= 500", name=op.f("ck_geocoded_row_length")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["geocode_review.id"], name=op.f("fk_geocoded_row_review_id")
        ),
        sa.PrimaryKeyConstraint("kind", "external_id", name=op.f("pk_geocoded_row")),
    )
    op.create_index(op.f("ix_geocoded_row_review_id"), "geocoded_row", ["review_id"], unique=False)
    op.create_table(
        "review_decision",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=True),
        sa.Column("target_id", sa.Text(), nullable=True),
        sa.Column("called", sa.Text(), nullable=True),
        sa.Column("compound_id", sa.Text(), nullable=True),
        sa.Column(
            "decided_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(action IN ('accept', 'pick')) = (target_kind IS NOT NULL AND target_id IS NOT NULL)",
            name=op.f("ck_review_decision_target"),
        ),
        sa.CheckConstraint(
            "action IN ('accept', 'pick', 'unknown', 'not_in_banner')",
            name=op.f("ck_review_decision_action"),
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_review_decision_undone")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["geocode_review.id"], name=op.f("fk_review_decision_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_index(op.f("ix_review_decision_called"), "review_decision", ["called"], unique=False)
    op.create_index(
        "uq_review_decision_review_id_actor_standing",
        "review_decision",
        ["review_id", "actor"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def _create_coverage() -> None:
    op.create_table(
        "coverage_packed",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_coverage_packed")),
    )
    op.create_table(
        "coverage_setting",
        sa.Column("id", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("visit_interval_days", sa.Integer(), nullable=False),
        sa.Column("care_interval_days", sa.Integer(), nullable=False),
        sa.Column("began", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "first_day BETWEEN 1 AND 28", name=op.f("ck_coverage_setting_first_day")
        ),
        sa.CheckConstraint("id", name=op.f("ck_coverage_setting_one")),
        sa.CheckConstraint(
            "visit_interval_days >= 1 AND care_interval_days >= 1",
            name=op.f("ck_coverage_setting_intervals"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_setting")),
    )
    op.create_table(
        "coverage_release",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("min_households", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["edition.id"],
            name=op.f("fk_coverage_release_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_coverage_release")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_delivery_month")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_delivery_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "organisation_id", "month", name=op.f("uq_delivery_organisation_id_month")
        ),
    )
    op.create_table(
        "coverage_hidden",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("reason IN ('few', 'redrawn')", name=op.f("ck_coverage_hidden_reason")),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["coverage_release.edition"],
            name=op.f("fk_coverage_hidden_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("pk_coverage_hidden")),
    )
    op.create_table(
        "coverage_hidden_base",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["coverage_release.edition"],
            name=op.f("fk_coverage_hidden_base_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "edition", "month", "code", "base", name=op.f("pk_coverage_hidden_base")
        ),
    )
    op.create_table(
        "coverage_month",
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("paired", sa.Integer(), nullable=False),
        sa.Column("visited_paired", sa.Integer(), nullable=False),
        sa.Column("visited_any", sa.Integer(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("by_paired", sa.Integer(), nullable=False),
        sa.Column("by_other", sa.Integer(), nullable=False),
        sa.Column("not_visited", sa.Integer(), nullable=False),
        sa.Column("not_paired", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("empty", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        sa.Column("cadres", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.Column("residents_reached", sa.Integer(), nullable=False),
        sa.Column("dwellings", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("occupied", sa.Integer(), nullable=False),
        sa.Column("holes", sa.Integer(), nullable=False),
        sa.Column(
            "packed",
            sa.LargeBinary(),
            sa.Computed(
                "grid_code::bytea || int4send(registered) || int4send(paired) || int4send(visited_paired) || int4send(visited_any) || int4send(households) || int4send(by_paired) || int4send(by_other) || int4send(not_visited) || int4send(not_paired) || int4send(unknown) || int4send(empty) || int4send(moved) || int4send(declined) || int4send(cadres) || int4send(residents) || int4send(residents_reached) || int4send(dwellings) || int4send(counted) || int4send(occupied) || int4send(holes)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_coverage_month_month")),
        sa.CheckConstraint(
            "households = by_paired + by_other + not_visited + not_paired + unknown + empty + moved + declined",
            name=op.f("ck_coverage_month_states"),
        ),
        sa.CheckConstraint(
            "registered >= paired AND paired >= visited_paired AND registered >= visited_any AND visited_any >= visited_paired AND visited_paired >= 0",
            name=op.f("ck_coverage_month_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_coverage_month_grid_code")
        ),
        sa.PrimaryKeyConstraint("grid_code", "month", name=op.f("pk_coverage_month")),
    )
    op.create_index(op.f("ix_coverage_month_month"), "coverage_month", ["month"], unique=False)
    op.create_table(
        "coverage_recency",
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("overdue_days", sa.Integer(), nullable=False),
        sa.Column("care", sa.Integer(), nullable=False),
        sa.Column("care_overdue", sa.Integer(), nullable=False),
        sa.Column(
            "packed",
            sa.LargeBinary(),
            sa.Computed(
                "grid_code::bytea || int4send(households) || int4send(days) || int4send(overdue) || int4send(overdue_days) || int4send(care) || int4send(care_overdue) || int4send(day - '1970-01-01'::date)",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_coverage_recency_month")),
        sa.CheckConstraint(
            "households >= overdue AND households >= care AND overdue >= care_overdue AND care >= care_overdue AND care_overdue >= 0 AND days >= 0 AND overdue_days >= overdue",
            name=op.f("ck_coverage_recency_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_coverage_recency_grid_code")
        ),
        sa.PrimaryKeyConstraint("grid_code", "month", name=op.f("pk_coverage_recency")),
    )
    op.create_index(op.f("ix_coverage_recency_month"), "coverage_recency", ["month"], unique=False)
    op.create_table(
        "coverage_total",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("visited_paired", sa.Integer(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_coverage_total_month")),
        sa.CheckConstraint("length(grid_code) = 15", name=op.f("ck_coverage_total_level_two")),
        sa.CheckConstraint(
            "registered >= visited_paired AND visited_paired >= 0",
            name=op.f("ck_coverage_total_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_coverage_total_grid_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_total")),
        sa.UniqueConstraint("grid_code", "month", name=op.f("uq_coverage_total_grid_code_month")),
    )
    op.create_table(
        "building_occupancy",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("building_id", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.Column("occupied", sa.Integer(), nullable=False),
        sa.CheckConstraint("occupied >= 0", name=op.f("ck_building_occupancy_occupied")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_building_occupancy_building_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building_occupancy")),
        sa.UniqueConstraint(
            "building_id", "counted_on", name=op.f("uq_building_occupancy_building_id_counted_on")
        ),
    )
    op.create_table(
        "household_home",
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_household_home_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_home_household_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("household_id", "edition", name=op.f("pk_household_home")),
    )
    op.create_index(op.f("ix_household_home_edition"), "household_home", ["edition"], unique=False)
    op.create_index(
        op.f("ix_household_home_grid_code"), "household_home", ["grid_code"], unique=False
    )
    op.create_table(
        "household_status",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("household_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_household_status_household_valid",
        ),
        sa.CheckConstraint(
            "status IN ('empty', 'moved', 'declined')", name=op.f("ck_household_status_status")
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL",
            name=op.f("ck_household_status_valid"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_status_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_status")),
    )
    op.execute(
        "INSERT INTO coverage_setting (first_day, visit_interval_days, care_interval_days) "
        "VALUES (1, 31, 14)"
    )
    # Read more often than room is saved for.
    op.execute("ALTER TABLE coverage_packed ALTER COLUMN body SET STORAGE EXTERNAL")


def _create_changes() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "happened_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('edition', 'household', 'incident', 'post', 'rules', 'categories', 'figures')",
            name=op.f("ck_change_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sa.UniqueConstraint("number", name=op.f("uq_change_number")),
    )
    op.create_index(
        "ix_change_unnumbered",
        "change",
        ["id"],
        unique=False,
        postgresql_where=sa.text("number IS NULL"),
    )
    op.create_table(
        "version",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("mark", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version")),
    )
