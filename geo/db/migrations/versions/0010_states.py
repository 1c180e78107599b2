"""The state of every household in a month, what it is counted against, and what is published.

One function says which state a household is in (`coverage_states`); `coverage_month` holds its
counts, kept by triggers as in 0002. A month begins on the day that `coverage_setting` names. Which
grid a household was counted in, edition by edition, is kept (`household_home`): figures of two
editions must not give away the few households between two borders.
"""

import runpy
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COUNTS = (
    "households",
    "by_paired",
    "by_other",
    "not_visited",
    "not_paired",
    "unknown",
    "empty",
    "moved",
    "declined",
    "cadres",
    "residents",
    "residents_reached",
    "dwellings",
    "counted",
    "occupied",
    "holes",
)
ADDS_UP = "households = by_paired + by_other + not_visited + not_paired + unknown + empty + moved + declined"

CALENDAR = """
-- A month bears the name of the calendar month that holds most of its days: one that begins on the
-- 26th is called after the month in which it ends.
CREATE FUNCTION coverage_first(month date) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (month - CASE WHEN first_day > 15 THEN interval '1 month' ELSE interval '0' END)::date
        + first_day - 1
    FROM coverage_setting
$$;
CREATE FUNCTION coverage_label(day date) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (date_trunc('month', (day - (first_day - 1))::timestamp)
        + CASE WHEN first_day > 15 THEN interval '1 month' ELSE interval '0' END)::date
    FROM coverage_setting
$$;
CREATE FUNCTION coverage_months() RETURNS date[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(
        SELECT m::date
        FROM (SELECT min(visited_on) AS first_day, max(visited_on) AS last_day FROM visit) AS v,
            generate_series(coverage_label(first_day), coverage_label(last_day), interval '1 month') AS m
        UNION SELECT month FROM delivery
        UNION SELECT month FROM coverage_month
        ORDER BY 1
    )
$$
"""

STATES = """
CREATE FUNCTION coverage_states(months date[], grids text[] DEFAULT NULL) RETURNS TABLE (
    month date, household_id int, grid_code text, building_id int, registered boolean,
    residents int, paired boolean, visited_paired boolean, visited_any boolean, state text
) LANGUAGE sql STABLE AS $$
    WITH asked AS MATERIALIZED (
        SELECT m AS month, coverage_first(m) AS first_day,
            coverage_first((m + interval '1 month')::date) AS after
        FROM (SELECT DISTINCT unnest(months) AS m) AS distinct_months
    ),
    calendar AS MATERIALIZED (
        SELECT a.* FROM asked AS a
        WHERE EXISTS (
            SELECT FROM visit WHERE visited_on >= a.first_day AND visited_on < a.after
        ) OR EXISTS (SELECT FROM delivery AS d WHERE d.month = a.month)
    ),
    seen AS MATERIALIZED (
        SELECT c.month, v.household_id, v.cadre_id, v.visited_on
        FROM calendar AS c
        JOIN visit AS v ON v.visited_on >= c.first_day AND v.visited_on < c.after
    ),
    -- An organisation whose visits have come in, or that said that there were none.
    arrived AS (
        SELECT s.month, k.organisation_id
        FROM (SELECT DISTINCT seen.month, cadre_id FROM seen) AS s
        JOIN cadre AS k ON k.id = s.cadre_id
        UNION SELECT d.month, d.organisation_id FROM delivery AS d
    ),
    homes AS MATERIALIZED (
        SELECT * FROM household AS h WHERE grids IS NULL OR h.grid_code = ANY (grids)
    ),
    reached AS (
        SELECT s.month, s.household_id, bool_or(p.id IS NOT NULL) AS by_paired
        FROM seen AS s
        JOIN homes AS h ON h.id = s.household_id
        LEFT JOIN pairing AS p
            ON p.household_id = s.household_id AND p.cadre_id = s.cadre_id AND p.valid @> s.visited_on
        GROUP BY s.month, s.household_id
    ),
    paired AS (
        SELECT c.month, p.household_id, bool_and(a.month IS NOT NULL) AS arrived
        FROM calendar AS c
        JOIN pairing AS p ON p.valid && daterange(c.first_day, c.after)
        JOIN homes AS h ON h.id = p.household_id
        JOIN cadre AS k ON k.id = p.cadre_id
        LEFT JOIN arrived AS a ON a.month = c.month AND a.organisation_id = k.organisation_id
        GROUP BY c.month, p.household_id
    )
    SELECT c.month, h.id, h.grid_code, h.building_id,
        h.registered_to IS NULL OR h.registered_to >= c.after,
        h.residents, p.household_id IS NOT NULL, coalesce(r.by_paired, false),
        r.household_id IS NOT NULL,
        CASE
            WHEN h.registered_to < c.after THEN 'moved'
            WHEN s.status IS NOT NULL THEN s.status
            WHEN r.by_paired THEN 'by_paired'
            WHEN NOT p.arrived THEN 'unknown'
            WHEN r.household_id IS NOT NULL THEN 'by_other'
            WHEN p.household_id IS NULL THEN 'not_paired'
            ELSE 'not_visited'
        END
    FROM calendar AS c
    JOIN homes AS h
        ON h.registered_from < c.after
        AND (h.registered_to IS NULL OR h.registered_to > c.first_day)
    LEFT JOIN paired AS p ON p.month = c.month AND p.household_id = h.id
    LEFT JOIN reached AS r ON r.month = c.month AND r.household_id = h.id
    LEFT JOIN household_status AS s ON s.household_id = h.id AND s.valid @> (c.after - 1)
$$
"""

# Counts months anew, of some grids or of all.
COUNT = """
-- In the transaction of a load the planner knows nothing yet of what was loaded, and would go row by
-- row through all of it.
CREATE FUNCTION coverage_count(months date[], grids text[]) RETURNS void LANGUAGE plpgsql
SET enable_nestloop = off SET jit = off SET work_mem = '64MB' AS $$
BEGIN
    IF coalesce(cardinality(months), 0) = 0 THEN
        RETURN;
    END IF;
    -- Two loads that touch the same month count one after the other, the later with both.
    PERFORM pg_advisory_xact_lock(hashtext('coverage_month'));
    DELETE FROM coverage_month AS m
    WHERE m.month = ANY (months) AND (grids IS NULL OR m.grid_code = ANY (grids));
    INSERT INTO coverage_month (grid_code, month, registered, paired, visited_paired, visited_any,
        households, by_paired, by_other, not_visited, not_paired, unknown, empty, moved, declined,
        cadres, residents, residents_reached, dwellings, counted, occupied, holes)
    WITH states AS MATERIALIZED (
        SELECT * FROM coverage_states(months, grids)
    ),
    calendar AS MATERIALIZED (
        SELECT month, coverage_first(month) AS first_day,
            coverage_first((month + interval '1 month')::date) AS after
        FROM (SELECT DISTINCT s.month FROM states AS s) AS there
    ),
    people AS (
        SELECT s.grid_code, s.month,
            count(*) FILTER (WHERE s.registered) AS registered,
            count(*) FILTER (WHERE s.registered AND s.paired) AS paired,
            count(*) FILTER (WHERE s.registered AND s.visited_paired) AS visited_paired,
            count(*) FILTER (WHERE s.registered AND s.visited_any) AS visited_any,
            count(*) AS households,
            count(*) FILTER (WHERE s.state = 'by_paired') AS by_paired,
            count(*) FILTER (WHERE s.state = 'by_other') AS by_other,
            count(*) FILTER (WHERE s.state = 'not_visited') AS not_visited,
            count(*) FILTER (WHERE s.state = 'not_paired') AS not_paired,
            count(*) FILTER (WHERE s.state = 'unknown') AS unknown,
            count(*) FILTER (WHERE s.state = 'empty') AS empty,
            count(*) FILTER (WHERE s.state = 'moved') AS moved,
            count(*) FILTER (WHERE s.state = 'declined') AS declined,
            coalesce(sum(s.residents) FILTER (WHERE s.registered), 0) AS residents,
            coalesce(sum(s.residents) FILTER (WHERE s.registered AND s.state = 'by_paired'), 0)
                AS residents_reached
        FROM states AS s
        GROUP BY s.grid_code, s.month
    ),
    -- How many, never who: a place's workload is its paired households over them.
    answering AS (
        SELECT h.grid_code, c.month, count(DISTINCT p.cadre_id) AS cadres
        FROM calendar AS c
        JOIN pairing AS p ON p.valid && daterange(c.first_day, c.after)
        JOIN household AS h ON h.id = p.household_id
        WHERE grids IS NULL OR h.grid_code = ANY (grids)
        GROUP BY h.grid_code, c.month
    ),
    -- A building lies where most of its households do, the lower code on a tie.
    homes AS (
        SELECT DISTINCT ON (building_id) building_id, grid_code
        FROM household WHERE building_id IS NOT NULL
        GROUP BY building_id, grid_code
        ORDER BY building_id, count(*) DESC, grid_code
    ),
    -- Whatever grid they lie in: a border may cut a building.
    living AS (
        SELECT c.month, h.building_id, count(*) AS households
        FROM calendar AS c
        JOIN household AS h
            ON h.building_id IS NOT NULL AND h.registered_from < c.after
            AND (h.registered_to IS NULL OR h.registered_to >= c.after)
        WHERE NOT EXISTS (
            SELECT FROM household_status AS s WHERE s.household_id = h.id
                AND s.valid @> (c.after - 1) AND s.status IN ('empty', 'moved')
        )
        GROUP BY c.month, h.building_id
    ),
    ground AS (
        SELECT coalesce(m.grid_code, k.grid_code) AS grid_code, c.month,
            sum(b.units * b.floors * b.rooms_per_floor) AS dwellings,
            coalesce(sum(b.units * b.floors * b.rooms_per_floor)
                FILTER (WHERE o.occupied IS NOT NULL), 0) AS counted,
            coalesce(sum(o.occupied), 0) AS occupied,
            coalesce(sum(greatest(o.occupied - coalesce(l.households, 0), 0)), 0) AS holes
        FROM calendar AS c
        CROSS JOIN building AS b
        JOIN compound AS k ON k.id = b.compound_id
        LEFT JOIN homes AS m ON m.building_id = b.id
        LEFT JOIN living AS l ON l.building_id = b.id AND l.month = c.month
        LEFT JOIN LATERAL (
            SELECT n.occupied FROM building_occupancy AS n
            WHERE n.building_id = b.id AND n.counted_on < c.after
            ORDER BY n.counted_on DESC LIMIT 1
        ) AS o ON true
        WHERE grids IS NULL OR coalesce(m.grid_code, k.grid_code) = ANY (grids)
        GROUP BY 1, 2
    )
    SELECT coalesce(p.grid_code, g.grid_code), coalesce(p.month, g.month),
        coalesce(p.registered, 0), coalesce(p.paired, 0), coalesce(p.visited_paired, 0),
        coalesce(p.visited_any, 0), coalesce(p.households, 0), coalesce(p.by_paired, 0),
        coalesce(p.by_other, 0), coalesce(p.not_visited, 0), coalesce(p.not_paired, 0),
        coalesce(p.unknown, 0), coalesce(p.empty, 0), coalesce(p.moved, 0), coalesce(p.declined, 0),
        coalesce(a.cadres, 0), coalesce(p.residents, 0), coalesce(p.residents_reached, 0),
        coalesce(g.dwellings, 0), coalesce(g.counted, 0), coalesce(g.occupied, 0),
        coalesce(g.holes, 0)
    FROM people AS p
    FULL JOIN ground AS g ON g.grid_code = p.grid_code AND g.month = p.month
    LEFT JOIN answering AS a
        ON a.grid_code = coalesce(p.grid_code, g.grid_code) AND a.month = coalesce(p.month, g.month);
END $$
"""

REFRESH = """
CREATE OR REPLACE FUNCTION coverage_refresh(months date[]) RETURNS void LANGUAGE sql AS $$
    SELECT coverage_count(months, NULL)
$$
"""

# A few visits change the grids of their households, and those where the visitors' organisations
# are paired: a first visit tells that their data have come in. A month that begins to be known, or
# ceases to be, changes everywhere.
LATE = """
CREATE FUNCTION coverage_late(households int[], cadres int[], day date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    m date := coverage_label(day);
    first_day date := coverage_first(m);
    after date := coverage_first((m + interval '1 month')::date);
BEGIN
    IF NOT EXISTS (SELECT FROM coverage_month WHERE month = m) OR NOT EXISTS (
        SELECT FROM visit WHERE visited_on >= first_day AND visited_on < after
    ) THEN
        PERFORM coverage_refresh(ARRAY[m]);
        RETURN;
    END IF;
    PERFORM coverage_count(ARRAY[m], ARRAY(
        SELECT grid_code FROM household WHERE id = ANY (households)
        UNION
        SELECT h.grid_code
        FROM cadre AS k
        JOIN cadre AS other ON other.organisation_id = k.organisation_id
        JOIN pairing AS p ON p.cadre_id = other.id AND p.valid && daterange(first_day, after)
        JOIN household AS h ON h.id = p.household_id
        WHERE k.id = ANY (cadres)
    ));
END $$
"""
FEW = 200

VISITS = """
CREATE OR REPLACE FUNCTION coverage_visits_{event}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM ({rows}) AS r) <= {few} THEN
        PERFORM coverage_late(array_agg(household_id), array_agg(cadre_id), min(visited_on))
        FROM ({rows}) AS r
        GROUP BY coverage_label(visited_on);
        RETURN NULL;
    END IF;
    PERFORM coverage_refresh(ARRAY(
        SELECT DISTINCT coverage_label(d.visited_on)
        FROM (SELECT DISTINCT visited_on FROM ({rows}) AS r) AS d
    ));
    RETURN NULL;
END $$
"""
VISITS_CHANGED = VISITS.format(event="changed", rows="SELECT * FROM changed", few=FEW)
VISITS_UPDATED = VISITS.format(
    event="updated", rows="SELECT * FROM before UNION ALL SELECT * FROM changed", few=FEW
)

BASE_CHANGED = """
CREATE OR REPLACE FUNCTION coverage_base_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_refresh(coverage_months());
    RETURN NULL;
END $$
"""
# A table whose every change counts all months anew.
BASES = ("household_status", "building", "building_occupancy", "coverage_setting")

DELIVERIES_CHANGED = """
CREATE FUNCTION coverage_deliveries_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_refresh(ARRAY(SELECT DISTINCT month FROM changed));
    RETURN NULL;
END $$
"""

HOMES = {
    "INSERT": """
        INSERT INTO household_home (household_id, edition, grid_code)
        SELECT n.id, e.id, n.grid_code
        FROM new_rows AS n CROSS JOIN (SELECT max(id) AS id FROM edition) AS e
        WHERE e.id IS NOT NULL""",
    "UPDATE": """
        INSERT INTO household_home (household_id, edition, grid_code)
        SELECT n.id, e.id, n.grid_code
        FROM new_rows AS n JOIN old_rows AS o USING (id)
        CROSS JOIN (SELECT max(id) AS id FROM edition) AS e
        WHERE n.grid_code <> o.grid_code AND e.id IS NOT NULL
        ON CONFLICT (household_id, edition) DO UPDATE SET grid_code = excluded.grid_code""",
}
SEEN = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}

TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
FLOOR = "greatest(5, nullif(current_setting('bannergrid.min_households', true), '')::int)"

# What no published figure may show, the same in every month: a cell that is small in some month;
# what `geo.coverage.privacy` found would give households away against an earlier edition, and all
# that a redraw touched until it has looked; and where the hidden cells of a community are fewer
# than five households together, the smallest of the others, lest they be told by subtraction.
HIDDEN = f"""
CREATE VIEW coverage_hidden_now AS
WITH newest AS (
    SELECT max(id) AS id FROM edition
),
living AS (
    SELECT grid_code AS code, count(*) AS households
    FROM household
    WHERE registered_from <= {TODAY} AND (registered_to IS NULL OR registered_to > {TODAY})
    GROUP BY grid_code
),
cells AS (
    SELECT grid_code AS code, left(grid_code, 12) AS community, month, registered FROM coverage_month
    UNION ALL
    SELECT code, left(code, 12), NULL, households FROM living
),
redrawn AS (
    SELECT DISTINCT unnest(ARRAY[n.grid_code, o.grid_code]) AS code
    FROM household_home AS n
    JOIN newest AS e ON n.edition = e.id
    JOIN LATERAL (
        SELECT grid_code FROM household_home AS p
        WHERE p.household_id = n.household_id AND p.edition < n.edition
        ORDER BY p.edition DESC LIMIT 1
    ) AS o ON o.grid_code <> n.grid_code
    WHERE NOT EXISTS (
        SELECT FROM coverage_release AS r WHERE r.edition = e.id AND r.min_households >= {FLOOR}
    )
),
first AS (
    SELECT code FROM cells WHERE registered BETWEEN 1 AND {FLOOR} - 1
    UNION
    SELECT community FROM cells GROUP BY community, month
    HAVING sum(registered) BETWEEN 1 AND {FLOOR} - 1
    UNION
    SELECT h.code FROM coverage_hidden AS h JOIN newest AS e ON h.edition = e.id
    UNION
    SELECT code FROM redrawn
    UNION
    SELECT left(code, 12) FROM redrawn GROUP BY left(code, 12)
    HAVING (SELECT count(DISTINCT left(code, 12)) FROM redrawn) > 1
),
given_away AS (
    SELECT DISTINCT c.community
    FROM cells AS c JOIN first AS f ON f.code = c.code
    WHERE c.community NOT IN (SELECT code FROM first)
    GROUP BY c.community, c.month
    HAVING sum(c.registered) BETWEEN 1 AND {FLOOR} - 1
)
SELECT code FROM first
UNION
SELECT (
    SELECT c.code FROM cells AS c
    WHERE c.community = g.community AND c.code NOT IN (SELECT code FROM first)
    GROUP BY c.code
    HAVING max(c.registered) > 0
    ORDER BY max(c.registered), c.code
    LIMIT 1
)
FROM given_away AS g
"""  # noqa: S608 - made of constants


def _older(number: str) -> dict[str, Any]:
    (path,) = Path(__file__).parent.glob(f"{number}_*.py")
    return runpy.run_path(str(path))


def _views() -> tuple[str, str]:
    """Make coverage and incidents of places anew, hiding what `coverage_hidden_now` names."""
    older = _older("0007")
    place, source, joined = older["PLACE"], older["SOURCE"], older["joined"]
    counts = ("registered", "paired", "visited_paired", "visited_any")
    shown = ",\n        ".join(f"CASE WHEN h.code IS NULL THEN n.{c} END AS {c}" for c in counts)
    sums = ", ".join(f"sum({c})::int AS {c}" for c in counts)
    coverage = f"""
CREATE VIEW published.coverage AS
WITH counts AS (
    SELECT grid_code AS code, month, {", ".join(counts)} FROM coverage_month
    UNION ALL
    SELECT left(grid_code, 12), month, {sums} FROM coverage_month GROUP BY left(grid_code, 12), month
),
-- Every grid of today stands in every month; one without households has counts of 0.
every AS (
    SELECT g.code, m.month, {", ".join(f"coalesce(c.{c}, 0) AS {c}" for c in counts)}
    FROM grid AS g
    CROSS JOIN (SELECT DISTINCT month FROM coverage_month) AS m
    LEFT JOIN counts AS c ON c.code = g.code AND c.month = m.month
),
shown AS (
    SELECT n.code, n.month, h.code IS NOT NULL AS hidden,
        {shown}
    FROM every AS n LEFT JOIN coverage_hidden_now AS h ON h.code = n.code
)
SELECT v.code || '.' || to_char(n.month, 'YYYYMM') AS id, n.month, {place},
    n.registered, n.paired, n.visited_paired, n.visited_any,
    n.registered - n.visited_any AS never,
    n.visited_paired::float8 / nullif(n.registered, 0) AS rate,
    n.hidden, {source}, v.geom
{joined(TODAY)}
JOIN shown AS n ON n.code = v.code
WHERE e.id = {older["NEWEST"]} AND v.valid @> {TODAY}
"""  # noqa: S608 - made of constants
    before = older["INCIDENTS"]
    start, end = before.index("cells AS ("), before.index("places AS (")
    hidden = "small AS (\n    SELECT code FROM coverage_hidden_now\n),\n"
    return coverage, "".join((before[:start], hidden, before[end:]))


def upgrade() -> None:
    _tables()
    for name in COUNTS:
        op.add_column(
            "coverage_month", sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        )
        op.alter_column("coverage_month", name, server_default=None)
    op.execute("UPDATE coverage_month SET households = registered, not_visited = registered")
    op.create_check_constraint(op.f("ck_coverage_month_states"), "coverage_month", ADDS_UP)
    op.add_column("household", sa.Column("interval_days", sa.Integer(), nullable=True))
    op.create_check_constraint(op.f("ck_household_interval"), "household", "interval_days >= 0")
    for statement in CALENDAR.split(";\n"):
        op.execute(statement)
    for function in (STATES, COUNT, REFRESH, LATE, VISITS_CHANGED, VISITS_UPDATED, BASE_CHANGED):
        op.execute(function)
    op.execute(DELIVERIES_CHANGED)
    for table in BASES:
        op.execute(
            f"CREATE TRIGGER coverage_base AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed()"
        )
    for event, rows in (("INSERT", "NEW"), ("DELETE", "OLD"), ("UPDATE", "NEW")):
        op.execute(
            f"CREATE TRIGGER coverage_{event.lower()} AFTER {event} ON delivery "
            f"REFERENCING {rows} TABLE AS changed "
            "FOR EACH STATEMENT EXECUTE FUNCTION coverage_deliveries_changed()"
        )
    for event, body in HOMES.items():
        op.execute(
            f"CREATE FUNCTION home_{event.lower()}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {body}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER home_{event.lower()} AFTER {event} ON household "
            f"REFERENCING {SEEN[event]} FOR EACH STATEMENT EXECUTE FUNCTION home_{event.lower()}()"
        )
    op.execute(
        "INSERT INTO household_home (household_id, edition, grid_code) "
        "SELECT h.id, e.id, h.grid_code FROM household AS h "
        "CROSS JOIN (SELECT max(id) AS id FROM edition) AS e WHERE e.id IS NOT NULL"
    )
    op.execute("SELECT coverage_refresh(coverage_months())")
    op.execute("DROP VIEW published.coverage")
    op.execute("DROP VIEW published.incidents")
    op.execute(HIDDEN)
    for view in _views():
        op.execute(view)


def _tables() -> None:
    op.create_table(
        "coverage_setting",
        sa.Column("id", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.CheckConstraint("id", name=op.f("ck_coverage_setting_one")),
        sa.CheckConstraint(
            "first_day BETWEEN 1 AND 28", name=op.f("ck_coverage_setting_first_day")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_setting")),
    )
    op.execute("INSERT INTO coverage_setting (first_day) VALUES (1)")
    op.create_table(
        "household_status",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.CheckConstraint(
            "status IN ('empty', 'moved', 'declined')", name=op.f("ck_household_status_status")
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL",
            name=op.f("ck_household_status_valid"),
        ),
        postgresql.ExcludeConstraint(
            (sa.column("household_id"), "="),
            (sa.column("valid"), "&&"),
            using="gist",
            name="ex_household_status_household_valid",
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_household_status_household_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_status")),
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
        "coverage_total",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("registered", sa.Integer(), nullable=False),
        sa.Column("visited_paired", sa.Integer(), nullable=False),
        sa.CheckConstraint("extract(day FROM month) = 1", name=op.f("ck_coverage_total_month")),
        sa.CheckConstraint(
            "registered >= visited_paired AND visited_paired >= 0",
            name=op.f("ck_coverage_total_counts"),
        ),
        sa.CheckConstraint("length(grid_code) = 15", name=op.f("ck_coverage_total_level_two")),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_coverage_total_grid_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage_total")),
        sa.UniqueConstraint("grid_code", "month", name=op.f("uq_coverage_total_grid_code_month")),
    )
    op.create_table(
        "household_home",
        sa.Column("household_id", sa.Integer(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
            name=op.f("fk_household_home_household_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_household_home_edition"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("household_id", "edition", name=op.f("pk_household_home")),
    )
    op.create_index(op.f("ix_household_home_edition"), "household_home", ["edition"])
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
        "coverage_hidden",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition"],
            ["coverage_release.edition"],
            name=op.f("fk_coverage_hidden_edition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("edition", "code", name=op.f("pk_coverage_hidden")),
    )
    op.create_index(op.f("ix_coverage_month_month"), "coverage_month", ["month"])
    # The last visit before a day is one step of this index.
    op.create_index(
        op.f("ix_visit_household_id_visited_on"),
        "visit",
        ["household_id", "visited_on"],
        unique=False,
    )


def downgrade() -> None:
    older = _older("0002")
    op.execute("DROP VIEW published.incidents")
    op.execute("DROP VIEW published.coverage")
    op.execute("DROP VIEW coverage_hidden_now")
    for event in HOMES:
        op.execute(f"DROP TRIGGER home_{event.lower()} ON household")
        op.execute(f"DROP FUNCTION home_{event.lower()}()")
    for table in BASES:
        op.execute(f"DROP TRIGGER coverage_base ON {table}")
    for function in ("REFRESH", "VISITS_CHANGED", "VISITS_UPDATED", "BASE_CHANGED"):
        op.execute(older[function].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.execute("DROP FUNCTION coverage_late(int[], int[], date)")
    op.execute("DROP FUNCTION coverage_count(date[], text[])")
    op.drop_index(op.f("ix_coverage_month_month"), table_name="coverage_month")
    op.drop_index(op.f("ix_visit_household_id_visited_on"), table_name="visit")
    for table in (
        "coverage_hidden",
        "coverage_release",
        "household_home",
        "coverage_total",
        "building_occupancy",
        "delivery",
        "household_status",
    ):
        op.drop_table(table)
    for function in (
        "deliveries_changed()",
        "states(date[], text[])",
        "months()",
        "label(date)",
        "first(date)",
    ):
        op.execute(f"DROP FUNCTION coverage_{function}")
    op.drop_table("coverage_setting")
    op.drop_constraint(op.f("ck_household_interval"), "household")
    op.drop_column("household", "interval_days")
    op.drop_constraint(op.f("ck_coverage_month_states"), "coverage_month")
    for name in COUNTS:
        op.drop_column("coverage_month", name)
    op.execute(
        "SELECT coverage_refresh(ARRAY(SELECT DISTINCT date_trunc('month', visited_on)::date FROM visit))"
    )
    earlier = _older("0007")
    op.execute(earlier["COVERAGE"])
    op.execute(earlier["INCIDENTS"])
