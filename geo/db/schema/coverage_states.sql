-- The state of every household in given months, of some grids or of all: the one place that says
-- how a household was reached. A month without visits and without deliveries has no rows.

CREATE OR REPLACE FUNCTION coverage_states(months date[], grids text[] DEFAULT NULL)
RETURNS TABLE (
    month date, household_id int, grid_code text, building_id int, registered boolean,
    residents int, paired boolean, visited_paired boolean, visited_any boolean, state text,
    needs_care boolean, interval_days int, last_visit date
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
        SELECT s.month, s.household_id, bool_or(p.id IS NOT NULL) AS by_paired,
            max(s.visited_on) AS last_visit
        FROM seen AS s
        JOIN homes AS h ON h.id = s.household_id
        LEFT JOIN pairing AS p
            ON p.household_id = s.household_id AND p.cadre_id = s.cadre_id
            AND p.valid @> s.visited_on
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
    ),
    -- By month first: to look for a day in the statuses of each household takes five times as long.
    statuses AS MATERIALIZED (
        SELECT c.month, s.household_id, s.status
        FROM calendar AS c JOIN household_status AS s ON s.valid @> (c.after - 1)
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
        END, h.needs_care, h.interval_days, r.last_visit
    FROM calendar AS c
    JOIN homes AS h
        ON h.registered_from < c.after
        AND (h.registered_to IS NULL OR h.registered_to > c.first_day)
    LEFT JOIN paired AS p ON p.month = c.month AND p.household_id = h.id
    LEFT JOIN reached AS r ON r.month = c.month AND r.household_id = h.id
    LEFT JOIN statuses AS s ON s.month = c.month AND s.household_id = h.id
$$;
