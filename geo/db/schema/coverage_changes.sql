-- The feed tells of months whose figures are other ones.

-- What a month's rows say, as a number: another one where they say something else.
CREATE OR REPLACE FUNCTION coverage_mark(months date[], grids text[])
RETURNS TABLE (month date, mark numeric) LANGUAGE sql STABLE AS $$
    SELECT r.month, sum(hashtextextended(r.said, 0)) FROM (
        SELECT m.month, m.grid_code, m.packed::text AS said FROM coverage_month AS m
        UNION ALL
        SELECT d.month, d.grid_code, 'days ' || d.packed::text FROM coverage_recency AS d
    ) AS r
    WHERE r.month = ANY (months) AND (grids IS NULL OR r.grid_code = ANY (grids))
    GROUP BY r.month
$$;

-- Tells of months, each once a transaction: what was told already is remembered until it ends, and
-- forgotten with a savepoint to which it goes back.
CREATE OR REPLACE FUNCTION coverage_tell(months date[]) RETURNS void LANGUAGE plpgsql AS $$
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
END $$;

-- Tells of the months whose marks are not the earlier ones.
CREATE OR REPLACE FUNCTION coverage_tell_others(months date[], grids text[], earlier jsonb)
RETURNS void LANGUAGE sql AS $$
    SELECT coverage_tell(array_agg(m)) FROM unnest(months) AS m
    LEFT JOIN coverage_mark(months, grids) AS now ON now.month = m
    WHERE coalesce(now.mark::text, '') <> coalesce(earlier ->> m::text, '')
    HAVING count(*) > 0
$$;
