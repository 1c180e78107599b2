-- Counts by grid and month (`coverage_month`), with the days since from the same states
-- (`coverage_recency`).

-- Counts months anew, of some grids or of all. In the transaction of a load the planner knows
-- nothing yet of what was loaded, and would go row by row through all of it: hence the settings.
CREATE OR REPLACE FUNCTION coverage_count(months date[], grids text[]) RETURNS void LANGUAGE plpgsql
    SET enable_nestloop TO 'off'
    SET jit TO 'off'
    SET work_mem TO '64MB'
    SET plan_cache_mode TO 'force_custom_plan' AS $$
DECLARE
    earlier jsonb;
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    visit_interval int := (SELECT visit_interval_days FROM coverage_setting);
    care_interval int := (SELECT care_interval_days FROM coverage_setting);
BEGIN
    IF coalesce(cardinality(months), 0) = 0 THEN
        RETURN;
    END IF;
    -- Two loads that touch the same month count one after the other, the later with both.
    PERFORM pg_advisory_xact_lock(hashtext('coverage_month'));

    SELECT jsonb_object_agg(k.month, k.mark::text) INTO earlier
    FROM coverage_mark(months, grids) AS k;
    DELETE FROM coverage_recency AS d
    WHERE d.month = ANY (months) AND (grids IS NULL OR d.grid_code = ANY (grids));
    DELETE FROM coverage_month AS m
    WHERE m.month = ANY (months) AND (grids IS NULL OR m.grid_code = ANY (grids));
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
    buildings AS MATERIALIZED (
        SELECT b.id, b.units * b.floors * b.rooms_per_floor AS dwellings,
            coalesce(m.grid_code, k.grid_code) AS grid_code
        FROM building AS b
        JOIN compound AS k ON k.id = b.compound_id
        LEFT JOIN homes AS m ON m.building_id = b.id
        WHERE grids IS NULL OR coalesce(m.grid_code, k.grid_code) = ANY (grids)
    ),
    -- Whatever grid they lie in: a border may cut a building.
    living AS (
        SELECT c.month, h.building_id, count(*) AS households
        FROM calendar AS c
        JOIN household AS h
            ON h.building_id IN (SELECT id FROM buildings) AND h.registered_from < c.after
            AND (h.registered_to IS NULL OR h.registered_to >= c.after)
        WHERE NOT EXISTS (
            SELECT FROM household_status AS s WHERE s.household_id = h.id
                AND s.valid @> (c.after - 1) AND s.status IN ('empty', 'moved')
        )
        GROUP BY c.month, h.building_id
    ),
    ground AS (
        SELECT b.grid_code, c.month,
            sum(b.dwellings) AS dwellings,
            coalesce(sum(b.dwellings) FILTER (WHERE o.occupied IS NOT NULL), 0) AS counted,
            coalesce(sum(o.occupied), 0) AS occupied,
            coalesce(sum(greatest(o.occupied - coalesce(l.households, 0), 0)), 0) AS holes
        FROM calendar AS c
        CROSS JOIN buildings AS b
        LEFT JOIN living AS l ON l.building_id = b.id AND l.month = c.month
        LEFT JOIN LATERAL (
            SELECT n.occupied FROM building_occupancy AS n
            WHERE n.building_id = b.id AND n.counted_on < c.after
            ORDER BY n.counted_on DESC LIMIT 1
        ) AS o ON true
        GROUP BY 1, 2
    ),
    ends AS MATERIALIZED (
        SELECT m AS month, least(coverage_first((m + interval '1 month')::date) - 1, today) AS day,
            coverage_began() AS began
        FROM (SELECT DISTINCT unnest(months) AS m) AS distinct_months
    ),
    measured AS MATERIALIZED (
        SELECT s.grid_code, s.month, c.day, s.needs_care,
            c.day - CASE WHEN s.last_visit <= c.day THEN s.last_visit ELSE coalesce(
                (SELECT max(v.visited_on) FROM visit AS v
                    WHERE v.household_id = s.household_id AND v.visited_on <= c.day),
                (SELECT max(least(c.day, greatest(lower(p.valid), c.began))) FROM pairing AS p
                    WHERE p.household_id = s.household_id AND lower(p.valid) <= c.day),
                c.day
            ) END AS days,
            coalesce(nullif(s.interval_days, 0),
                CASE WHEN s.needs_care THEN care_interval ELSE visit_interval END) AS due
        FROM ends AS c
        JOIN states AS s ON s.month = c.month
        WHERE s.registered AND s.paired AND s.state IN ('by_paired', 'by_other', 'not_visited')
    ),
    kept AS (
        INSERT INTO coverage_recency (
            grid_code, month, day, households, days, overdue, overdue_days, care, care_overdue
        )
        SELECT grid_code, month, day, count(*)::int AS households, sum(days)::int AS days,
            (count(*) FILTER (WHERE days > due))::int AS overdue,
            sum(greatest(days - due, 0))::int AS overdue_days,
            (count(*) FILTER (WHERE needs_care))::int AS care,
            (count(*) FILTER (WHERE needs_care AND days > due))::int AS care_overdue
        FROM measured
        GROUP BY grid_code, month, day
    )
    INSERT INTO coverage_month (grid_code, month, registered, paired, visited_paired, visited_any,
        households, by_paired, by_other, not_visited, not_paired, unknown, empty, moved, declined,
        cadres, residents, residents_reached, dwellings, counted, occupied, holes)
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
        ON a.grid_code = coalesce(p.grid_code, g.grid_code)
        AND a.month = coalesce(p.month, g.month);
    PERFORM coverage_tell_others(months, grids, earlier);

    -- Days since in all other kept months count from another first day when that one moves.
    UPDATE coverage_setting SET began = coverage_began()
    WHERE began IS DISTINCT FROM coverage_began();
    IF FOUND THEN
        PERFORM coverage_count_days(ARRAY(
            SELECT DISTINCT r.month FROM coverage_recency AS r
            WHERE grids IS NOT NULL OR r.month <> ALL (months)
        ), NULL);
    END IF;
END $$;

-- Counts months anew, of all grids.
CREATE OR REPLACE FUNCTION coverage_refresh(months date[]) RETURNS void LANGUAGE sql AS $$
    SELECT coverage_count(months, NULL)
$$;

-- A few visits change the grids of their households, and those where the visitors' organisations
-- are paired: a first visit tells that their data have come in. A month that begins to be known,
-- or ceases to be, changes everywhere.
CREATE OR REPLACE FUNCTION coverage_late(households int[], cadres int[], day date)
RETURNS void LANGUAGE plpgsql AS $$
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
END $$;
