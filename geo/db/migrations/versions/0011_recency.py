"""Days since the last visit by grid and month, kept like the counts; the feed tells of figures.

`coverage_days` measures any months at once, as of a day: the last day of a month, or today while it
lasts. `coverage_recency` keeps what it gives. A late visit counts its own month anew, and of the
later ones the days since, until the household was next visited. Where a month's figures were
changed the feed says so, once a transaction.
"""

import runpy
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
FEW = 200
# A table whose every change counts all months anew.
BASES = (
    "household",
    "pairing",
    "household_status",
    "building",
    "building_occupancy",
    "coverage_setting",
)
SEEN = {"insert": "NEW", "update": "NEW", "delete": "OLD"}
DAYS = "grid_code, month, day, households, days, overdue, overdue_days, care, care_overdue"

# Households that are paired, eligible and known. Most were visited within the month; the last visit
# of the others, and the pairing of those never visited, are looked up one by one.
MEASURED = """
    ends AS MATERIALIZED (
        SELECT m AS month, least(coverage_first((m + interval '1 month')::date) - 1, today) AS day
        FROM (SELECT DISTINCT unnest(months) AS m) AS distinct_months
    ),
    measured AS MATERIALIZED (
        SELECT s.grid_code, s.month, c.day, s.needs_care,
            c.day - CASE WHEN s.last_visit <= c.day THEN s.last_visit ELSE coalesce(
                (SELECT max(v.visited_on) FROM visit AS v
                    WHERE v.household_id = s.household_id AND v.visited_on <= c.day),
                (SELECT max(lower(p.valid)) FROM pairing AS p
                    WHERE p.household_id = s.household_id AND lower(p.valid) <= c.day),
                c.day
            ) END AS days,
            coalesce(nullif(s.interval_days, 0),
                CASE WHEN s.needs_care THEN care_interval ELSE visit_interval END) AS due
        FROM ends AS c
        JOIN states AS s ON s.month = c.month
        WHERE s.registered AND s.paired AND s.state IN ('by_paired', 'by_other', 'not_visited')
    )"""
ADDED_UP = """
    SELECT grid_code, month, day, count(*)::int AS households, sum(days)::int AS days,
        (count(*) FILTER (WHERE days > due))::int AS overdue,
        sum(greatest(days - due, 0))::int AS overdue_days,
        (count(*) FILTER (WHERE needs_care))::int AS care,
        (count(*) FILTER (WHERE needs_care AND days > due))::int AS care_overdue
    FROM measured
    GROUP BY grid_code, month, day"""

MEASURE = f"""
CREATE FUNCTION coverage_days(
    months date[], grids text[], today date, visit_interval int, care_interval int
) RETURNS TABLE (
    grid_code text, month date, day date, households int, days int, overdue int, overdue_days int,
    care int, care_overdue int
) LANGUAGE sql STABLE SET enable_nestloop = off SET jit = off SET work_mem = '64MB' AS $$
    WITH states AS MATERIALIZED (
        SELECT * FROM coverage_states(months, grids)
    ),{MEASURED}{ADDED_UP}
$$
"""  # noqa: S608 - made of constants

# What a month's rows say, as a number: another one where they say something else.
MARK = """
CREATE FUNCTION coverage_mark(months date[], grids text[])
RETURNS TABLE (month date, mark numeric) LANGUAGE sql STABLE AS $$
    SELECT r.month, sum(hashtextextended(r.said, 0)) FROM (
        SELECT m.month, m.grid_code, m::text AS said FROM coverage_month AS m
        UNION ALL
        SELECT d.month, d.grid_code, 'days ' || d::text FROM coverage_recency AS d
    ) AS r
    WHERE r.month = ANY (months) AND (grids IS NULL OR r.grid_code = ANY (grids))
    GROUP BY r.month
$$
"""

# Once a transaction and month: what was told already is remembered until it ends, and forgotten
# with a savepoint to which it goes back.
TELL = """
CREATE FUNCTION coverage_tell(months date[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    told text := coalesce(current_setting('bannergrid.months_told', true), '');
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'figures', jsonb_build_object('month', to_char(m, 'YYYY-MM'))
    FROM (SELECT DISTINCT unnest(months) AS m) AS changed
    WHERE strpos(told, to_char(m, 'YYYY-MM')) = 0
    ORDER BY m;
    PERFORM set_config('bannergrid.months_told', told || array_to_string(ARRAY(
        SELECT ' ' || to_char(m, 'YYYY-MM') FROM unnest(months) AS m
    ), ''), true);
END $$
"""
TELL_OTHERS = """
CREATE FUNCTION coverage_tell_others(months date[], grids text[], earlier jsonb) RETURNS void
LANGUAGE sql AS $$
    SELECT coverage_tell(array_agg(m)) FROM unnest(months) AS m
    LEFT JOIN coverage_mark(months, grids) AS now ON now.month = m
    WHERE coalesce(now.mark::text, '') <> coalesce(earlier ->> m::text, '')
    HAVING count(*) > 0
$$
"""

# Days since of months anew, and nothing else of them.
COUNT_DAYS = f"""
CREATE FUNCTION coverage_count_days(months date[], grids text[]) RETURNS void LANGUAGE plpgsql
SET jit = off SET work_mem = '64MB' SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    earlier jsonb;
BEGIN
    IF coalesce(cardinality(months), 0) = 0 THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('coverage_month'));
    SELECT jsonb_object_agg(k.month, k.mark::text) INTO earlier FROM coverage_mark(months, grids) AS k;
    DELETE FROM coverage_recency AS d
    WHERE d.month = ANY (months) AND (grids IS NULL OR d.grid_code = ANY (grids));
    INSERT INTO coverage_recency ({DAYS})
    SELECT d.* FROM coverage_setting AS s
    CROSS JOIN LATERAL coverage_days(
        months, grids, {TODAY}, s.visit_interval_days, s.care_interval_days
    ) AS d;
    PERFORM coverage_tell_others(months, grids, earlier);
END $$
"""  # noqa: S608 - made of constants

# Of the months after a visit those on whose last day it still is the household's last one.
LATER = f"""
CREATE FUNCTION coverage_later(homes int[], days date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_count_days(ARRAY(
        SELECT DISTINCT k.month
        FROM unnest(homes, days) AS r (household_id, day)
        CROSS JOIN LATERAL (
            SELECT min(v.visited_on) AS day FROM visit AS v
            WHERE v.household_id = r.household_id AND v.visited_on > r.day
        ) AS next
        JOIN (SELECT DISTINCT month FROM coverage_recency) AS k
            ON k.month > coverage_label(r.day)
            AND (next.day IS NULL OR next.day >
                least(coverage_first((k.month + interval '1 month')::date) - 1, {TODAY}))
    ), ARRAY(SELECT DISTINCT grid_code FROM household WHERE id = ANY (homes)));
END $$
"""  # noqa: S608 - made of constants

VISITS = """
CREATE OR REPLACE FUNCTION coverage_visits_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    months date[];
BEGIN
    months := ARRAY(
        SELECT DISTINCT coverage_label(d.visited_on)
        FROM (SELECT DISTINCT visited_on FROM ({rows}) AS r) AS d
    );
    IF cardinality(months) = 0 THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM ({rows}) AS r) <= {few} THEN
        PERFORM coverage_late(array_agg(household_id), array_agg(cadre_id), min(visited_on))
        FROM ({rows}) AS r
        GROUP BY coverage_label(visited_on);
        PERFORM coverage_later(array_agg(household_id), array_agg(visited_on)) FROM ({rows}) AS r;
    ELSE
        PERFORM coverage_refresh(months);
        PERFORM coverage_count_days(ARRAY(
            SELECT DISTINCT d.month FROM coverage_recency AS d
            WHERE d.month > (SELECT min(m) FROM unnest(months) AS m) AND d.month <> ALL (months)
        ), NULL);
    END IF;
    -- Their heat maps changed, even where no count did.
    PERFORM coverage_tell(months);
    RETURN NULL;
END $$
"""
VISITS_CHANGED = VISITS.format(event="changed", rows="SELECT * FROM changed", few=FEW)
VISITS_UPDATED = VISITS.format(
    event="updated", rows="SELECT * FROM before UNION ALL SELECT * FROM changed", few=FEW
)

# A statement that touched no row is no reason to count everything.
BASE_CHANGED = """
CREATE OR REPLACE FUNCTION coverage_base_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        PERFORM coverage_refresh(coverage_months());
    END IF;
    RETURN NULL;
END $$
"""

# Parts of older statements, and what stands in their places.
STATES_BY = (
    (
        "visited_any boolean, state text",
        "visited_any boolean, state text, needs_care boolean, interval_days int, last_visit date",
    ),
    (
        "bool_or(p.id IS NOT NULL) AS by_paired",
        "bool_or(p.id IS NOT NULL) AS by_paired, max(s.visited_on) AS last_visit",
    ),
    (
        "        END\n    FROM calendar AS c",
        "        END, h.needs_care, h.interval_days, r.last_visit\n    FROM calendar AS c",
    ),
)
PLANNED = "SET enable_nestloop = off SET jit = off SET work_mem = '64MB' AS $$\nBEGIN"
PLANNED_AND_DECLARED = f"""SET enable_nestloop = off SET jit = off SET work_mem = '64MB'
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    earlier jsonb;
    today date := {TODAY};
    visit_interval int := (SELECT visit_interval_days FROM coverage_setting);
    care_interval int := (SELECT care_interval_days FROM coverage_setting);
BEGIN"""  # noqa: S608 - made of constants
EMPTIED = "    DELETE FROM coverage_month AS m"
BOTH_EMPTIED = """
    SELECT jsonb_object_agg(k.month, k.mark::text) INTO earlier FROM coverage_mark(months, grids) AS k;
    DELETE FROM coverage_recency AS d
    WHERE d.month = ANY (months) AND (grids IS NULL OR d.grid_code = ANY (grids));
    DELETE FROM coverage_month AS m"""
KEPT_DAYS = f"""
    kept AS (
        INSERT INTO coverage_recency ({DAYS}){ADDED_UP}
    )"""
COUNTED = "AND a.month = coalesce(p.month, g.month);"
COUNTED_AND_TOLD = f"""{COUNTED}
    PERFORM coverage_tell_others(months, grids, earlier);"""

ADDED = ("by_paired", "eligible", "known", "unknown")
SHOWN = ("registered", "paired", "visited_paired", "visited_any", *ADDED)


def _older(number: str) -> dict[str, Any]:
    (path,) = Path(__file__).parent.glob(f"{number}_*.py")
    return runpy.run_path(str(path))


def _changed(statement: str, *pairs: tuple[str, str]) -> str:
    """Replace parts of an older statement, each of which must be there once."""
    for old, new in pairs:
        if statement.count(old) != 1:
            raise ValueError(old)
        statement = statement.replace(old, new)
    return statement


def _states(older: dict[str, Any]) -> str:
    """Give each state what its days since are measured by."""
    return _changed(older["STATES"], *STATES_BY)


def _count(older: dict[str, Any]) -> str:
    """Count states and days since in one statement, from the same states, and tell of it."""
    before = older["COUNT"].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    start, end = before.index("    INSERT INTO coverage_month"), before.index("    WITH states")
    into = before[start:end]
    last_common = "        GROUP BY 1, 2\n    )"
    return _changed(
        before,
        (PLANNED, PLANNED_AND_DECLARED),
        (EMPTIED, BOTH_EMPTIED),
        (into, ""),
        (last_common, f"{last_common},{MEASURED},{KEPT_DAYS}\n{into.rstrip()}"),
        (COUNTED, COUNTED_AND_TOLD),
    )


def _view(older: dict[str, Any]) -> str:
    """Make coverage of places anew: over the known, and beside it over the registered."""
    kept = ", ".join(SHOWN[: -len(ADDED)])
    eligible = "households - empty - moved - declined"
    shown = ",\n        ".join(f"CASE WHEN h.code IS NULL THEN n.{c} END AS {c}" for c in SHOWN)
    return f"""
CREATE VIEW published.coverage AS
WITH kept AS (
    SELECT grid_code, month, {kept}, by_paired, unknown, {eligible} AS eligible,
        {eligible} - unknown AS known
    FROM coverage_month
),
counts AS (
    SELECT grid_code AS code, month, {", ".join(SHOWN)} FROM kept
    UNION ALL
    SELECT left(grid_code, 12), month, {", ".join(f"sum({c})::int AS {c}" for c in SHOWN)}
    FROM kept GROUP BY left(grid_code, 12), month
),
-- Every grid of today stands in every month; one without households has counts of 0.
every AS (
    SELECT g.code, m.month, {", ".join(f"coalesce(c.{c}, 0) AS {c}" for c in SHOWN)}
    FROM grid AS g
    CROSS JOIN (SELECT DISTINCT month FROM coverage_month) AS m
    LEFT JOIN counts AS c ON c.code = g.code AND c.month = m.month
),
shown AS (
    SELECT n.code, n.month, h.code IS NOT NULL AS hidden,
        {shown}
    FROM every AS n LEFT JOIN coverage_hidden_now AS h ON h.code = n.code
)
SELECT v.code || '.' || to_char(n.month, 'YYYYMM') AS id, n.month, {older["PLACE"]},
    n.registered, n.paired, n.visited_paired, n.visited_any,
    n.registered - n.visited_any AS never,
    {", ".join(f"n.{c}" for c in ADDED)},
    n.by_paired::float8 / nullif(n.known, 0) AS rate,
    n.visited_paired::float8 / nullif(n.registered, 0) AS rate_registered,
    n.hidden, {older["SOURCE"]}, v.geom
{older["joined"](TODAY)}
JOIN shown AS n ON n.code = v.code
WHERE e.id = {older["NEWEST"]} AND v.valid @> {TODAY}
"""  # noqa: S608 - made of constants


def upgrade() -> None:
    older = _older("0010")
    _tables()
    op.execute("DROP FUNCTION coverage_states(date[], text[])")
    functions = (_states(older), MEASURE, MARK, TELL, TELL_OTHERS, _count(older), COUNT_DAYS, LATER)
    for function in (*functions, VISITS_CHANGED, VISITS_UPDATED):
        op.execute(function)
    for table in BASES:
        op.execute(f"DROP TRIGGER coverage_base ON {table}")
    op.execute(BASE_CHANGED)
    # By name they fire after `told_update`: what led to a change of figures is told before it.
    for table in BASES:
        for event, rows in SEEN.items():
            op.execute(
                f"CREATE TRIGGER {event}_coverage AFTER {event.upper()} ON {table} "
                f"REFERENCING {rows} TABLE AS changed "
                "FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed()"
            )
    op.execute("SELECT coverage_count_days(coverage_months(), NULL)")
    op.execute("DROP VIEW published.coverage")
    op.execute(_view(_older("0007")))


def _tables() -> None:
    for name, days in (("visit_interval_days", "31"), ("care_interval_days", "14")):
        op.add_column(
            "coverage_setting",
            sa.Column(name, sa.Integer(), server_default=days, nullable=False),
        )
        op.alter_column("coverage_setting", name, server_default=None)
    op.create_check_constraint(
        op.f("ck_coverage_setting_intervals"),
        "coverage_setting",
        "visit_interval_days >= 1 AND care_interval_days >= 1",
    )
    counts = ("households", "days", "overdue", "overdue_days", "care", "care_overdue")
    op.create_table(
        "coverage_recency",
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_coverage_recency_month")),
        sa.CheckConstraint(
            "households >= overdue AND households >= care AND overdue >= care_overdue "
            "AND care >= care_overdue AND care_overdue >= 0 AND days >= 0 "
            "AND overdue_days >= overdue",
            name=op.f("ck_coverage_recency_counts"),
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_coverage_recency_grid_code")
        ),
        sa.PrimaryKeyConstraint("grid_code", "month", name=op.f("pk_coverage_recency")),
    )
    op.create_index(op.f("ix_coverage_recency_month"), "coverage_recency", ["month"])
    op.create_index(op.f("ix_household_home_grid_code"), "household_home", ["grid_code"])
    _kinds("'edition', 'household', 'incident', 'post', 'rules', 'categories', 'figures'")


def _kinds(listed: str) -> None:
    op.drop_constraint(op.f("ck_change_kind"), "change")
    op.create_check_constraint(op.f("ck_change_kind"), "change", f"kind IN ({listed})")


def downgrade() -> None:
    older = _older("0010")
    op.execute("DROP VIEW published.coverage")
    for table in BASES:
        for event in SEEN:
            op.execute(f"DROP TRIGGER {event}_coverage ON {table}")
    op.execute("DROP FUNCTION coverage_states(date[], text[])")
    op.execute(older["STATES"])
    for name in ("COUNT", "VISITS_CHANGED", "VISITS_UPDATED", "BASE_CHANGED"):
        op.execute(older[name].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    for table in BASES:
        op.execute(
            f"CREATE TRIGGER coverage_base AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed()"
        )
    for function in (
        "later(int[], date[])",
        "count_days(date[], text[])",
        "tell_others(date[], text[], jsonb)",
        "tell(date[])",
        "mark(date[], text[])",
        "days(date[], text[], date, int, int)",
    ):
        op.execute(f"DROP FUNCTION coverage_{function}")
    op.drop_table("coverage_recency")
    op.drop_index(op.f("ix_household_home_grid_code"), table_name="household_home")
    op.drop_constraint(op.f("ck_coverage_setting_intervals"), "coverage_setting")
    for name in ("visit_interval_days", "care_interval_days"):
        op.drop_column("coverage_setting", name)
    op.execute("DELETE FROM change WHERE kind = 'figures'")
    _kinds("'edition', 'household', 'incident', 'post', 'rules', 'categories'")
    op.execute(older["_views"]()[0])
