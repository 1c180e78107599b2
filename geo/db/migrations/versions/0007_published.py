"""What every client of a standard may read: grids, coverage and incidents of places, as views.

Nobody's name, no household and no single visit is in them. A cell of fewer than five households
shows no figures, and a community shows none where they would give such a cell away by subtraction:
where its cells without figures have fewer than five households together. The service may ask for
more than five (`bannergrid.min_households`); nobody can ask for fewer.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TODAY = "(now() AT TIME ZONE 'Asia/Shanghai')::date"
NEWEST = "(SELECT max(id) FROM edition)"
FLOOR = "greatest(5, nullif(current_setting('bannergrid.min_households', true), '')::int)"

PLACE = """
    v.code, g.level, v.name, v.name_en, v.kind, g.community_code, c.name AS community,
    c.name_en AS community_en, g.town_code, d.name AS town, d.name_en AS town_en"""

SOURCE = """
    e.id AS edition, e.title AS edition_title, e.synthetic, e.attribution"""


def joined(on: str) -> str:
    """A grid with its community and town, the community as it was on the day `on`."""
    return f"""
FROM edition AS e
JOIN grid_version AS v ON v.editions @> e.id
JOIN grid AS g ON g.code = v.code
LEFT JOIN grid_version AS c
    ON c.code = g.community_code AND c.editions @> e.id AND c.valid @> {on}
LEFT JOIN division AS d ON d.code = g.town_code"""


def current(name: str, level: int) -> str:
    return f"""
CREATE VIEW published.{name} AS
SELECT v.code AS id, {PLACE}, v.area_m2, lower(v.valid) AS valid_from, {SOURCE}, v.geom
{joined(TODAY)}
WHERE e.id = {NEWEST} AND v.valid @> {TODAY} AND g.level = {level}
"""


GRIDS_BY_EDITION = f"""
CREATE VIEW published.grids_by_edition AS
SELECT e.id || '.' || v.code || '.' || to_char(lower(v.valid), 'YYYYMMDD') AS id, {PLACE},
    v.area_m2, lower(v.valid) AS valid_from, upper(v.valid) AS valid_to, {SOURCE}, v.geom
{joined("lower(v.valid)")}
"""

COVERAGE = f"""
CREATE VIEW published.coverage AS
WITH calendar AS (
    SELECT DISTINCT month FROM coverage_month
),
counts AS (
    SELECT grid_code AS code, month, registered, paired, visited_paired, visited_any,
        registered BETWEEN 1 AND {FLOOR} - 1 AS hidden
    FROM coverage_month
    UNION ALL
    SELECT left(grid_code, 12), month, sum(registered)::int, sum(paired)::int,
        sum(visited_paired)::int, sum(visited_any)::int,
        coalesce(sum(registered) FILTER (WHERE registered < {FLOOR}), 0) BETWEEN 1 AND {FLOOR} - 1
    FROM coverage_month
    GROUP BY left(grid_code, 12), month
),
shown AS (
    SELECT code, month, hidden,
        CASE WHEN NOT hidden THEN registered END AS registered,
        CASE WHEN NOT hidden THEN paired END AS paired,
        CASE WHEN NOT hidden THEN visited_paired END AS visited_paired,
        CASE WHEN NOT hidden THEN visited_any END AS visited_any
    FROM counts
    UNION ALL
    -- Every grid of today stands in every month; one without households has counts of 0.
    SELECT g.code, m.month, false, 0, 0, 0, 0
    FROM grid AS g CROSS JOIN calendar AS m
    WHERE NOT EXISTS (SELECT FROM counts AS n WHERE n.code = g.code AND n.month = m.month)
)
SELECT v.code || '.' || to_char(n.month, 'YYYYMM') AS id, n.month, {PLACE},
    n.registered, n.paired, n.visited_paired, n.visited_any,
    n.registered - n.visited_any AS never,
    n.visited_paired::float8 / nullif(n.registered, 0) AS rate,
    n.hidden, {SOURCE}, v.geom
{joined(TODAY)}
JOIN shown AS n ON n.code = v.code
WHERE e.id = {NEWEST} AND v.valid @> {TODAY}
"""  # noqa: S608 - made of constants

# A closed incident keeps the grid of its time: one that is no more stands as it last was.
INCIDENTS = f"""
CREATE VIEW published.incidents AS
WITH counted AS (
    SELECT grid_code, date_trunc('month', reported_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
        count(*)::int AS reported,
        count(closed_at)::int AS closed,
        (count(*) FILTER (WHERE solved_at_level = 'grid'))::int AS solved_in_grid,
        (count(*) FILTER (WHERE solved_at_level = 'community'))::int AS solved_in_community,
        (count(*) FILTER (WHERE solved_at_level = 'above'))::int AS solved_above
    FROM incident
    WHERE grid_code IS NOT NULL
    GROUP BY 1, 2
),
counts AS (
    SELECT * FROM counted WHERE length(grid_code) = 15
    UNION ALL
    SELECT left(grid_code, 12), month, sum(reported)::int, sum(closed)::int,
        sum(solved_in_grid)::int, sum(solved_in_community)::int, sum(solved_above)::int
    FROM counted
    GROUP BY left(grid_code, 12), month
),
cells AS (
    SELECT grid_code, count(*) AS households
    FROM household
    WHERE registered_from <= {TODAY} AND (registered_to IS NULL OR registered_to > {TODAY})
    GROUP BY grid_code
),
small AS (
    SELECT grid_code AS code FROM cells WHERE households < {FLOOR}
    UNION ALL
    SELECT left(grid_code, 12) FROM cells WHERE households < {FLOOR}
    GROUP BY left(grid_code, 12) HAVING sum(households) < {FLOOR}
),
places AS (
    SELECT DISTINCT ON (code) id, code, editions @> {NEWEST} AND valid @> {TODAY} AS current,
        coalesce(upper(editions) - 1, {NEWEST}) AS edition
    FROM grid_version
    ORDER BY code, upper(editions) DESC NULLS FIRST, lower(valid) > {TODAY},
        upper(valid) DESC NULLS FIRST
)
SELECT v.code || '.' || to_char(m.month, 'YYYYMM') AS id, m.month, {PLACE}, p.current,
    CASE WHEN s.code IS NULL THEN coalesce(n.reported, 0) END AS reported,
    CASE WHEN s.code IS NULL THEN coalesce(n.closed, 0) END AS closed,
    CASE WHEN s.code IS NULL THEN coalesce(n.solved_in_grid, 0) END AS solved_in_grid,
    CASE WHEN s.code IS NULL THEN coalesce(n.solved_in_community, 0) END AS solved_in_community,
    CASE WHEN s.code IS NULL THEN coalesce(n.solved_above, 0) END AS solved_above,
    s.code IS NOT NULL AS hidden, {SOURCE}, v.geom
FROM places AS p
JOIN edition AS e ON e.id = p.edition
JOIN grid_version AS v ON v.id = p.id
JOIN grid AS g ON g.code = v.code
LEFT JOIN grid_version AS c
    ON c.code = g.community_code AND c.editions @> e.id AND c.valid @> lower(v.valid)
LEFT JOIN division AS d ON d.code = g.town_code
CROSS JOIN (SELECT DISTINCT month FROM counted) AS m
LEFT JOIN counts AS n ON n.grid_code = p.code AND n.month = m.month
LEFT JOIN small AS s ON s.code = p.code
WHERE p.current OR n.grid_code IS NOT NULL
"""  # noqa: S608 - made of constants


def upgrade() -> None:
    op.execute("CREATE SCHEMA published")
    op.execute(current("communities", 1))
    op.execute(current("grids", 2))
    op.execute(GRIDS_BY_EDITION)
    op.execute(COVERAGE)
    op.execute(INCIDENTS)


def downgrade() -> None:
    for view in ("incidents", "coverage", "grids_by_edition", "grids", "communities"):
        op.execute(f"DROP VIEW published.{view}")
    op.execute("DROP SCHEMA published")
