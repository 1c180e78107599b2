-- Days since the last visit, by grid and month (`coverage_recency`), as of the month's last day,
-- or of today while it lasts.

-- Households that are paired, eligible and known. Most were visited within the month; the last
-- visit of the others, and the pairing of those never visited, are looked up one by one. Before
-- anything came in nobody could be seen to have been visited: an earlier pairing counts from there.
CREATE OR REPLACE FUNCTION coverage_days(
    months date[], grids text[], today date, visit_interval int, care_interval int
) RETURNS TABLE (
    grid_code text, month date, day date, households int, days int, overdue int, overdue_days int,
    care int, care_overdue int
) LANGUAGE sql STABLE
    SET enable_nestloop TO 'off'
    SET jit TO 'off'
    SET work_mem TO '64MB' AS $$
    WITH states AS MATERIALIZED (
        SELECT * FROM coverage_states(months, grids)
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
    )
    SELECT grid_code, month, day, count(*)::int AS households, sum(days)::int AS days,
        (count(*) FILTER (WHERE days > due))::int AS overdue,
        sum(greatest(days - due, 0))::int AS overdue_days,
        (count(*) FILTER (WHERE needs_care))::int AS care,
        (count(*) FILTER (WHERE needs_care AND days > due))::int AS care_overdue
    FROM measured
    GROUP BY grid_code, month, day
$$;

-- Days since of months anew, and nothing else of them. The service calls it at each turn of the day
-- and may not write what it keeps.
CREATE OR REPLACE FUNCTION coverage_count_days(months date[], grids text[])
RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = public, pg_temp
    SET jit TO 'off'
    SET work_mem TO '64MB'
    SET plan_cache_mode TO 'force_custom_plan' AS $$
DECLARE
    earlier jsonb;
BEGIN
    IF coalesce(cardinality(months), 0) = 0 THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('coverage_month'));
    SELECT jsonb_object_agg(k.month, k.mark::text) INTO earlier
    FROM coverage_mark(months, grids) AS k;
    DELETE FROM coverage_recency AS d
    WHERE d.month = ANY (months) AND (grids IS NULL OR d.grid_code = ANY (grids));
    INSERT INTO coverage_recency (
        grid_code, month, day, households, days, overdue, overdue_days, care, care_overdue
    )
    SELECT d.* FROM coverage_setting AS s
    CROSS JOIN LATERAL coverage_days(
        months, grids, (now() AT TIME ZONE 'Asia/Shanghai')::date,
        s.visit_interval_days, s.care_interval_days
    ) AS d;
    PERFORM coverage_tell_others(months, grids, earlier);
END $$;
REVOKE ALL ON FUNCTION coverage_count_days FROM PUBLIC;

-- Of the months after a visit those on whose last day it still is the household's last one.
CREATE OR REPLACE FUNCTION coverage_later(homes int[], days date[])
RETURNS void LANGUAGE plpgsql AS $$
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
                least(
                    coverage_first((k.month + interval '1 month')::date) - 1,
                    (now() AT TIME ZONE 'Asia/Shanghai')::date
                ))
    ), ARRAY(SELECT DISTINCT grid_code FROM household WHERE id = ANY (homes)));
END $$;
