"""What lies between the compounds: streets, schools, markets, parks."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
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


def downgrade() -> None:
    op.drop_index(op.f("ix_landmark_kind"), table_name="landmark")
    op.drop_geospatial_index(
        "idx_landmark_geom", table_name="landmark", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("landmark")
