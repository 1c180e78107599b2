"""Kept rows ready to be read, a mark of what is kept, and deliveries moved to another month.

A quarter of a million kept rows are read in a fraction of the time where each keeps its code and its
counts as one string of bytes (`packed`), and a month those of its rows as one (`coverage_packed`).
Whether anything kept was changed is asked of one row a table
(`kept_version`), where every row was read before. A delivery whose month is written anew counts both
months.
"""

import runpy
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

PACKED = {
    "coverage_month": (
        *("registered", "paired", "visited_paired", "visited_any", "households", "by_paired"),
        *("by_other", "not_visited", "not_paired", "unknown", "empty", "moved", "declined"),
        *("cadres", "residents", "residents_reached", "dwellings", "counted", "occupied", "holes"),
    ),
    "coverage_recency": (
        *("households", "days", "overdue", "overdue_days", "care", "care_overdue"),
        "day - '1970-01-01'::date",
    ),
}
VERSIONED = ("coverage_month", "coverage_recency", "grid_version")

# The same row again is the same bytes.
MARK = """
CREATE OR REPLACE FUNCTION coverage_mark(months date[], grids text[])
RETURNS TABLE (month date, mark numeric) LANGUAGE sql STABLE AS $$
    SELECT r.month, sum(hashtextextended(r.said, 0)) FROM (
        SELECT m.month, m.grid_code, m.packed::text AS said FROM coverage_month AS m
        UNION ALL
        SELECT d.month, d.grid_code, 'days ' || d.packed::text FROM coverage_recency AS d
    ) AS r
    WHERE r.month = ANY (months) AND (grids IS NULL OR r.grid_code = ANY (grids))
    GROUP BY r.month
$$
"""

# Whoever counts holds the lock of `coverage_count` until the transaction ends, and whoever publishes
# that of editions: nobody waits for this row who does not wait already. What is drawn is another
# one each time, so that no mark returns after a rollback.
VERSION = """
CREATE FUNCTION kept_version_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE kept_version SET version = gen_random_uuid() WHERE name = TG_TABLE_NAME;
    RETURN NULL;
END $$
"""

# A month's rows one after the other, made anew when one of them is written.
PACK = """
CREATE FUNCTION coverage_pack(months date[]) RETURNS void LANGUAGE plpgsql SET jit = off AS $$
BEGIN
    DELETE FROM coverage_packed AS p WHERE p.month = ANY (months);
    INSERT INTO coverage_packed (month, body)
    SELECT m.month, string_agg(m.packed, '') FROM coverage_month AS m
    WHERE m.month = ANY (months) GROUP BY m.month;
END $$
"""
PACKING = """
CREATE FUNCTION coverage_pack_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_pack(ARRAY({months}));
    RETURN NULL;
END $$
"""
# Which months a statement touched, and the names of its rows.
PACKED_BY = {
    "insert": ("SELECT DISTINCT month FROM changed", "REFERENCING NEW TABLE AS changed"),
    "delete": ("SELECT DISTINCT month FROM changed", "REFERENCING OLD TABLE AS changed"),
    "update": (
        "SELECT month FROM before UNION SELECT month FROM changed",
        "REFERENCING OLD TABLE AS before NEW TABLE AS changed",
    ),
    "truncate": ("SELECT month FROM coverage_packed", ""),
}

DELIVERIES_UPDATED = """
CREATE FUNCTION coverage_deliveries_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_refresh(ARRAY(SELECT month FROM before UNION SELECT month FROM changed));
    RETURN NULL;
END $$
"""


def _older(number: str) -> dict[str, Any]:
    (path,) = Path(__file__).parent.glob(f"{number}_*.py")
    return runpy.run_path(str(path))


def upgrade() -> None:
    for table, counts in PACKED.items():
        sent = " || ".join(("grid_code::bytea", *(f"int4send({count})" for count in counts)))
        op.add_column(
            table,
            sa.Column(
                "packed", sa.LargeBinary(), sa.Computed(sent, persisted=True), nullable=False
            ),
        )
    op.execute(MARK)
    op.create_table(
        "kept_version",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "version", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_kept_version")),
    )
    op.execute(VERSION)
    for table in VERSIONED:
        op.execute(f"INSERT INTO kept_version (name) VALUES ('{table}')")  # noqa: S608
        op.execute(
            f"CREATE TRIGGER kept_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION kept_version_changed()"
        )
    op.create_table(
        "coverage_packed",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_coverage_packed")),
    )
    # It is read more often than kept room for.
    op.execute("ALTER TABLE coverage_packed ALTER COLUMN body SET STORAGE EXTERNAL")
    op.execute(PACK)
    op.execute("SELECT coverage_pack(ARRAY(SELECT DISTINCT month FROM coverage_month))")
    for event, (months, rows) in PACKED_BY.items():
        op.execute(PACKING.format(event=event, months=months))
        op.execute(
            f"CREATE TRIGGER coverage_pack_{event} AFTER {event.upper()} ON coverage_month {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION coverage_pack_{event}()"
        )
    op.execute("DROP TRIGGER coverage_update ON delivery")
    op.execute(DELIVERIES_UPDATED)
    op.execute(
        "CREATE TRIGGER coverage_update AFTER UPDATE ON delivery "
        "REFERENCING OLD TABLE AS before NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION coverage_deliveries_updated()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER coverage_update ON delivery")
    op.execute("DROP FUNCTION coverage_deliveries_updated()")
    op.execute(
        "CREATE TRIGGER coverage_update AFTER UPDATE ON delivery REFERENCING NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION coverage_deliveries_changed()"
    )
    for event in PACKED_BY:
        op.execute(f"DROP TRIGGER coverage_pack_{event} ON coverage_month")
        op.execute(f"DROP FUNCTION coverage_pack_{event}()")
    op.execute("DROP FUNCTION coverage_pack(date[])")
    op.drop_table("coverage_packed")
    for table in VERSIONED:
        op.execute(f"DROP TRIGGER kept_version ON {table}")
    op.execute("DROP FUNCTION kept_version_changed()")
    op.drop_table("kept_version")
    op.execute(_older("0011")["MARK"].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    for table in PACKED:
        op.drop_column(table, "packed")
