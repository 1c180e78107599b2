"""first tables."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A server of one's own may have them already, made by its administrator.
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
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
        sa.CheckConstraint("kind IN ('banner', 'town', 'sumu')", name=op.f("ck_division_kind")),
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
        sa.CheckConstraint("id > 0", name=op.f("ck_edition_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
    )
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
        "coverage_month",
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("paired", sa.Integer(), nullable=False),
        sa.Column("visited_paired", sa.Integer(), nullable=False),
        sa.Column("visited_any", sa.Integer(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_coverage_month_month")),
        sa.CheckConstraint(
            "registered >= paired AND paired >= visited_paired AND registered >= visited_any AND visited_any >= visited_paired AND visited_paired >= 0",
            name=op.f("ck_coverage_month_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_coverage_month_grid_code")
        ),
        sa.PrimaryKeyConstraint("grid_code", "month", name=op.f("pk_coverage_month")),
    )
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
                nullable=False,
            ),
            nullable=False,
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
        sa.CheckConstraint(
            "distance_m >= 0 AND (match <> 'inside' OR distance_m = 0)",
            name=op.f("ck_household_distance"),
        ),
        sa.CheckConstraint("match IN ('inside', 'nearest')", name=op.f("ck_household_match")),
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
        op.f("ix_visit_visited_on_household_id_cadre_id"),
        "visit",
        ["visited_on", "household_id", "cadre_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_visit_visited_on_household_id_cadre_id"), table_name="visit")
    op.drop_index(op.f("ix_visit_cadre_id"), table_name="visit")
    op.drop_table("visit")
    op.drop_index(op.f("ix_pairing_cadre_id"), table_name="pairing")
    op.drop_table("pairing")
    op.drop_index(op.f("ix_household_grid_code"), table_name="household")
    op.drop_index(op.f("ix_household_building_id"), table_name="household")
    op.drop_geospatial_index(
        "idx_household_geom", table_name="household", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("household")
    op.drop_index(op.f("ix_building_compound_id"), table_name="building")
    op.drop_geospatial_index(
        "idx_building_geom", table_name="building", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("building")
    op.drop_index(op.f("ix_incident_reported_at"), table_name="incident")
    op.drop_index(op.f("ix_incident_grid_code"), table_name="incident")
    op.drop_index(op.f("ix_incident_category"), table_name="incident")
    op.drop_geospatial_index(
        "idx_incident_geom", table_name="incident", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("incident")
    op.drop_index(op.f("ix_grid_version_code"), table_name="grid_version")
    op.drop_geospatial_index(
        "idx_grid_version_geom",
        table_name="grid_version",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("grid_version")
    op.drop_table("coverage_month")
    op.drop_index(op.f("ix_compound_pairing_organisation_id"), table_name="compound_pairing")
    op.drop_index(op.f("ix_compound_pairing_grid_code"), table_name="compound_pairing")
    op.drop_table("compound_pairing")
    op.drop_index(op.f("ix_compound_grid_code"), table_name="compound")
    op.drop_geospatial_index(
        "idx_compound_geom", table_name="compound", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("compound")
    op.drop_index(op.f("ix_grid_community_code"), table_name="grid")
    op.drop_table("grid")
    op.drop_index(op.f("ix_cadre_organisation_id"), table_name="cadre")
    op.drop_table("cadre")
    op.drop_geospatial_index(
        "idx_organisation_geom",
        table_name="organisation",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("organisation")
    op.drop_table("edition")
    op.drop_geospatial_index(
        "idx_division_geom", table_name="division", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("division")
