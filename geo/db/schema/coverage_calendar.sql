-- Months of figures. One begins on the day that `coverage_setting` names and bears the name of the
-- calendar month that holds most of its days: one that begins on the 26th is called after the
-- month in which it ends.

-- The first day of a month.
CREATE OR REPLACE FUNCTION coverage_first(month date) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (month - CASE WHEN first_day > 15 THEN interval '1 month' ELSE interval '0' END)::date
        + first_day - 1
    FROM coverage_setting
$$;

-- The month that a day belongs to.
CREATE OR REPLACE FUNCTION coverage_label(day date) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (date_trunc('month', (day - (first_day - 1))::timestamp)
        + CASE WHEN first_day > 15 THEN interval '1 month' ELSE interval '0' END)::date
    FROM coverage_setting
$$;

-- Every month of which something is known.
CREATE OR REPLACE FUNCTION coverage_months() RETURNS date[] LANGUAGE sql STABLE AS $$
    SELECT ARRAY(
        SELECT m::date
        FROM (SELECT min(visited_on) AS first_day, max(visited_on) AS last_day FROM visit) AS v,
            generate_series(
                coverage_label(first_day), coverage_label(last_day), interval '1 month'
            ) AS m
        UNION SELECT month FROM delivery
        UNION SELECT month FROM coverage_month
        ORDER BY 1
    )
$$;

-- The first day of the first month of which something came in; NULL where nothing ever did.
CREATE OR REPLACE FUNCTION coverage_began() RETURNS date LANGUAGE sql STABLE AS $$
    SELECT coverage_first(least(
        coverage_label((SELECT min(visited_on) FROM visit)), (SELECT min(month) FROM delivery)
    ))
$$;
