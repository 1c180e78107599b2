-- What every client of a standard may read, as views in the schema `published`: places, coverage
-- and incidents of places. Nobody's name, no household and no single visit or incident is in them.

CREATE SCHEMA IF NOT EXISTS published;

-- The communities of today, of the newest edition.
CREATE VIEW published.communities AS
SELECT v.code AS id,
    v.code, g.level, v.name, v.name_en, v.kind, g.community_code, c.name AS community,
    c.name_en AS community_en, g.town_code, d.name AS town, d.name_en AS town_en,
    v.area_m2, lower(v.valid) AS valid_from,
    e.id AS edition, e.title AS edition_title, e.synthetic, e.attribution, v.geom
FROM edition AS e
JOIN grid_version AS v ON v.editions @> e.id
JOIN grid AS g ON g.code = v.code
LEFT JOIN grid_version AS c
    ON c.code = g.community_code AND c.editions @> e.id
    AND c.valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN division AS d ON d.code = g.town_code
WHERE e.id = (SELECT id FROM edition_in_force)
    AND v.valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date AND g.level = 1;

-- The level-two grids of today, of the newest edition.
CREATE VIEW published.grids AS
SELECT v.code AS id,
    v.code, g.level, v.name, v.name_en, v.kind, g.community_code, c.name AS community,
    c.name_en AS community_en, g.town_code, d.name AS town, d.name_en AS town_en,
    v.area_m2, lower(v.valid) AS valid_from,
    e.id AS edition, e.title AS edition_title, e.synthetic, e.attribution, v.geom
FROM edition AS e
JOIN grid_version AS v ON v.editions @> e.id
JOIN grid AS g ON g.code = v.code
LEFT JOIN grid_version AS c
    ON c.code = g.community_code AND c.editions @> e.id
    AND c.valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN division AS d ON d.code = g.town_code
WHERE e.id = (SELECT id FROM edition_in_force)
    AND v.valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date AND g.level = 2;

-- A grid as an edition that took effect knows it, from `valid_from` until before `valid_to`.
CREATE VIEW published.grids_by_edition AS
SELECT e.id || '.' || v.code || '.' || to_char(lower(v.valid), 'YYYYMMDD') AS id,
    v.code, g.level, v.name, v.name_en, v.kind, g.community_code, c.name AS community,
    c.name_en AS community_en, g.town_code, d.name AS town, d.name_en AS town_en,
    v.area_m2, lower(v.valid) AS valid_from, upper(v.valid) AS valid_to,
    e.id AS edition, e.title AS edition_title, e.synthetic, e.attribution, v.geom
FROM edition AS e
JOIN grid_version AS v ON v.editions @> e.id
JOIN grid AS g ON g.code = v.code
LEFT JOIN grid_version AS c
    ON c.code = g.community_code AND c.editions @> e.id AND c.valid @> lower(v.valid)
LEFT JOIN division AS d ON d.code = g.town_code
WHERE e.took_effect_at IS NOT NULL;

-- A grid of today (either level) and a month: what `privacy.sql` hides is null.
CREATE VIEW published.coverage AS
WITH kept AS (
    SELECT grid_code, month, registered, paired, visited_paired, visited_any, by_paired, unknown,
        households - empty - moved - declined AS eligible,
        households - empty - moved - declined - unknown AS known
    FROM coverage_month
),
counts AS (
    SELECT grid_code AS code, month, registered, paired, visited_paired, visited_any, by_paired,
        eligible, known, unknown
    FROM kept
    UNION ALL
    SELECT left(grid_code, 12), month,
        sum(registered)::int AS registered,
        sum(paired)::int AS paired,
        sum(visited_paired)::int AS visited_paired,
        sum(visited_any)::int AS visited_any,
        sum(by_paired)::int AS by_paired,
        sum(eligible)::int AS eligible,
        sum(known)::int AS known,
        sum(unknown)::int AS unknown
    FROM kept GROUP BY left(grid_code, 12), month
),
-- Every grid of today stands in every month; one without households has counts of 0.
every AS (
    SELECT g.code, m.month,
        coalesce(c.registered, 0) AS registered,
        coalesce(c.paired, 0) AS paired,
        coalesce(c.visited_paired, 0) AS visited_paired,
        coalesce(c.visited_any, 0) AS visited_any,
        coalesce(c.by_paired, 0) AS by_paired,
        coalesce(c.eligible, 0) AS eligible,
        coalesce(c.known, 0) AS known,
        coalesce(c.unknown, 0) AS unknown
    FROM grid AS g
    CROSS JOIN (SELECT DISTINCT month FROM coverage_month) AS m
    LEFT JOIN counts AS c ON c.code = g.code AND c.month = m.month
),
shown AS (
    SELECT n.code, n.month, h.code IS NOT NULL AS hidden,
        CASE WHEN h.code IS NULL THEN nullif(concat_ws(' ',
            CASE WHEN w.paired THEN 'paired' END,
            CASE WHEN w.paired_known THEN 'visited_paired' END,
            CASE WHEN w.paired_known THEN 'visited_any' END,
            CASE WHEN w.paired_known THEN 'by_paired' END,
            CASE WHEN w.households THEN 'eligible' END,
            CASE WHEN w.known THEN 'known' END,
            CASE WHEN w.known THEN 'unknown' END,
            CASE WHEN w.paired_known THEN 'never' END,
            CASE WHEN w.paired_known THEN 'rate' END,
            CASE WHEN w.paired_known THEN 'rate_registered' END
        ), '') END AS withheld,
        CASE WHEN h.code IS NULL THEN n.registered END AS registered,
        CASE WHEN h.code IS NULL AND w.paired IS NOT TRUE THEN n.paired END AS paired,
        CASE WHEN h.code IS NULL AND w.paired_known IS NOT TRUE THEN n.visited_paired END
            AS visited_paired,
        CASE WHEN h.code IS NULL AND w.paired_known IS NOT TRUE THEN n.visited_any END
            AS visited_any,
        CASE WHEN h.code IS NULL AND w.paired_known IS NOT TRUE THEN n.by_paired END AS by_paired,
        CASE WHEN h.code IS NULL AND w.households IS NOT TRUE THEN n.eligible END AS eligible,
        CASE WHEN h.code IS NULL AND w.known IS NOT TRUE THEN n.known END AS known,
        CASE WHEN h.code IS NULL AND w.known IS NOT TRUE THEN n.unknown END AS unknown
    FROM every AS n
    LEFT JOIN coverage_hidden_now AS h ON h.code = n.code
    LEFT JOIN coverage_withheld AS w ON w.code = n.code AND w.month = n.month
)
SELECT v.code || '.' || to_char(n.month, 'YYYYMM') AS id, n.month,
    v.code, g.level, v.name, v.name_en, v.kind, g.community_code, c.name AS community,
    c.name_en AS community_en, g.town_code, d.name AS town, d.name_en AS town_en,
    n.registered, n.paired, n.visited_paired, n.visited_any,
    n.registered - n.visited_any AS never,
    n.by_paired, n.eligible, n.known, n.unknown,
    n.by_paired::float8 / nullif(n.known, 0) AS rate,
    n.visited_paired::float8 / nullif(n.registered, 0) AS rate_registered,
    n.hidden,
    e.id AS edition, e.title AS edition_title, e.synthetic, e.attribution, v.geom, n.withheld
FROM edition AS e
JOIN grid_version AS v ON v.editions @> e.id
JOIN grid AS g ON g.code = v.code
LEFT JOIN grid_version AS c
    ON c.code = g.community_code AND c.editions @> e.id
    AND c.valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date
LEFT JOIN division AS d ON d.code = g.town_code
JOIN shown AS n ON n.code = v.code
WHERE e.id = (SELECT id FROM edition_in_force)
    AND v.valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date;

-- A grid and a month. A closed incident keeps the grid of its time: one that is no more stands as
-- it last was.
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
small AS (
    SELECT code FROM coverage_hidden_now
),
places AS (
    SELECT DISTINCT ON (code) v.id, code,
        editions @> f.id AND valid @> (now() AT TIME ZONE 'Asia/Shanghai')::date AS current,
        least(upper(editions) - 1, f.id) AS edition
    FROM grid_version AS v CROSS JOIN edition_in_force AS f
    WHERE lower(editions) <= f.id
    ORDER BY code, least(upper(editions) - 1, f.id) DESC,
        lower(valid) > (now() AT TIME ZONE 'Asia/Shanghai')::date,
        upper(valid) DESC NULLS FIRST
)
SELECT v.code || '.' || to_char(m.month, 'YYYYMM') AS id, m.month,
    v.code, g.level, v.name, v.name_en, v.kind, g.community_code, c.name AS community,
    c.name_en AS community_en, g.town_code, d.name AS town, d.name_en AS town_en, p.current,
    CASE WHEN s.code IS NULL THEN coalesce(n.reported, 0) END AS reported,
    CASE WHEN s.code IS NULL THEN coalesce(n.closed, 0) END AS closed,
    CASE WHEN s.code IS NULL THEN coalesce(n.solved_in_grid, 0) END AS solved_in_grid,
    CASE WHEN s.code IS NULL THEN coalesce(n.solved_in_community, 0) END AS solved_in_community,
    CASE WHEN s.code IS NULL THEN coalesce(n.solved_above, 0) END AS solved_above,
    s.code IS NOT NULL AS hidden,
    e.id AS edition, e.title AS edition_title, e.synthetic, e.attribution, v.geom
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
WHERE p.current OR n.grid_code IS NOT NULL;
