"""Editions take effect on their day; which grid an edition makes of which is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("edition", sa.Column("took_effect_at", postgresql.TIMESTAMP(timezone=True)))
    op.add_column("edition", sa.Column("planned", postgresql.JSONB()))
    # Until now everything followed at publication, whatever the day.
    op.execute("UPDATE edition SET took_effect_at = published_at")
    op.create_table(
        "grid_lineage",
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("from_code", sa.Text(), nullable=False),
        sa.Column("to_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("households", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('split', 'merge', 'transfer', 'recode')", name=op.f("ck_grid_lineage_kind")
        ),
        sa.CheckConstraint(
            "households >= 0 AND residents >= 0 AND area_m2 >= 0",
            name=op.f("ck_grid_lineage_counts"),
        ),
        sa.CheckConstraint("from_code <> to_code", name=op.f("ck_grid_lineage_another")),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_grid_lineage_edition"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_code"], ["grid.code"], name=op.f("fk_grid_lineage_from_code")
        ),
        sa.ForeignKeyConstraint(["to_code"], ["grid.code"], name=op.f("fk_grid_lineage_to_code")),
        sa.PrimaryKeyConstraint("edition", "from_code", "to_code", name=op.f("pk_grid_lineage")),
    )
    op.create_index(op.f("ix_grid_lineage_to_code"), "grid_lineage", ["to_code"], unique=False)
