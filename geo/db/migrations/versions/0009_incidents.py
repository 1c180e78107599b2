"""Decisions keep the limit that they were made with; incidents that wait are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

# The default of `BANNERGRID_NEAREST_LIMIT_M`: what was decided so far was decided with it.
LIMIT_M = "200"


def upgrade() -> None:
    op.add_column(
        "incident_decision",
        sa.Column("nearest_limit_m", sa.Double(), server_default=LIMIT_M, nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_incident_decision_nearest_limit"), "incident_decision", "nearest_limit_m >= 0"
    )
    op.create_index(
        "ix_incident_unplaced",
        "incident",
        ["external_id"],
        unique=False,
        postgresql_where=sa.text("grid_code IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_incident_unplaced", table_name="incident")
    op.drop_constraint(op.f("ck_incident_decision_nearest_limit"), "incident_decision")
    op.drop_column("incident_decision", "nearest_limit_m")
