-- What no published figure may show. Fewer than five households give no figure; the service may
-- ask for more (`bannergrid.min_households`), nobody for fewer.

-- Grids of either level that are hidden, the same in every month: one that is small in some month;
-- what `geo.coverage.privacy` found would give households away against an earlier edition, and all
-- that a redraw touched until it has looked; and where the hidden cells of a community are fewer
-- than five households together, the smallest of the others, lest they be told by subtraction.
-- `unassessed` is made once, before a household is read.
CREATE VIEW coverage_hidden_now AS
WITH newest AS (
    SELECT id FROM edition_in_force
),
unassessed AS MATERIALIZED (
    SELECT e.id FROM newest AS e
    WHERE EXISTS (SELECT FROM edition AS before WHERE before.id < e.id) AND NOT EXISTS (
        SELECT FROM coverage_release AS r WHERE r.edition = e.id AND r.min_households >=
            greatest(5, nullif(current_setting('bannergrid.min_households', true), '')::int)
    )
),
living AS (
    SELECT grid_code AS code, count(*) AS households
    FROM household
    WHERE registered_from <= (now() AT TIME ZONE 'Asia/Shanghai')::date
        AND (registered_to IS NULL OR registered_to > (now() AT TIME ZONE 'Asia/Shanghai')::date)
    GROUP BY grid_code
),
cells AS (
    SELECT grid_code AS code, left(grid_code, 12) AS community, month, registered
    FROM coverage_month
    UNION ALL
    SELECT code, left(code, 12), NULL, households FROM living
),
redrawn AS (
    SELECT DISTINCT unnest(ARRAY[n.grid_code, o.grid_code]) AS code
    FROM household_home AS n
    JOIN unassessed AS e ON n.edition = e.id
    JOIN LATERAL (
        SELECT grid_code FROM household_home AS p
        WHERE p.household_id = n.household_id AND p.edition < n.edition
        ORDER BY p.edition DESC LIMIT 1
    ) AS o ON o.grid_code <> n.grid_code
),
first AS (
    SELECT code FROM cells WHERE registered BETWEEN 1 AND
        greatest(5, nullif(current_setting('bannergrid.min_households', true), '')::int) - 1
    UNION
    SELECT community FROM cells GROUP BY community, month
    HAVING sum(registered) BETWEEN 1 AND
        greatest(5, nullif(current_setting('bannergrid.min_households', true), '')::int) - 1
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
    HAVING sum(c.registered) BETWEEN 1 AND
        greatest(5, nullif(current_setting('bannergrid.min_households', true), '')::int) - 1
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
FROM given_away AS g;

-- Of which bases (`geo.coverage.bases`) a month of a grid tells nothing: what is too few is
-- withheld, then the smallest other of the community where those withheld are too few together.
-- What is withheld of a base is withheld of its parts: `households` holds `known`, which holds
-- `paired_known`.
CREATE VIEW coverage_withheld AS
WITH hidden AS MATERIALIZED (
    SELECT code FROM coverage_hidden_now
),
noted AS MATERIALIZED (
    SELECT code, month, base FROM coverage_hidden_base
    WHERE edition = (SELECT id FROM edition_in_force)
),
cells AS MATERIALIZED (
    SELECT m.grid_code AS code, left(m.grid_code, 12) AS community, m.month,
        greatest(5, nullif(current_setting('bannergrid.min_households', true), '')::int) AS k,
        m.grid_code IN (SELECT code FROM hidden) AS place,
        left(m.grid_code, 12) NOT IN (SELECT code FROM hidden) AS added_up,
        m.paired, m.households,
        m.households - m.empty - m.moved - m.declined - m.unknown AS known,
        coalesce(r.households, 0) AS paired_known
    FROM coverage_month AS m LEFT JOIN coverage_recency AS r USING (grid_code, month)
),
paired_few AS (
    SELECT *, place OR paired BETWEEN 1 AND k - 1
        OR (code, month, 'paired') IN (SELECT code, month, base FROM noted) AS few
    FROM cells
),
paired_sums AS (
    SELECT *,
        coalesce(
            sum(paired) FILTER (WHERE few) OVER (PARTITION BY community, month), 0
        ) AS together,
        row_number() OVER (
            PARTITION BY community, month, few OR paired = 0 ORDER BY paired, code
        ) AS place_in_order
    FROM paired_few
),
paired_done AS (
    SELECT code, community, month, k, place, added_up, paired, households, known, paired_known,
        few OR (added_up AND paired > 0 AND together BETWEEN 1 AND k - 1 AND place_in_order = 1)
            AS paired_out
    FROM paired_sums
),
households_few AS (
    SELECT *, place OR households BETWEEN 1 AND k - 1
        OR (code, month, 'households') IN (SELECT code, month, base FROM noted) AS few
    FROM cells
),
households_sums AS (
    SELECT *,
        coalesce(
            sum(households) FILTER (WHERE few) OVER (PARTITION BY community, month), 0
        ) AS together,
        row_number() OVER (
            PARTITION BY community, month, few OR households = 0 ORDER BY households, code
        ) AS place_in_order
    FROM households_few
),
households_done AS (
    SELECT code, community, month, k, place, added_up, paired, households, known, paired_known,
        few OR (added_up AND households > 0 AND together BETWEEN 1 AND k - 1 AND place_in_order = 1)
            AS households_out
    FROM households_sums
),
known_few AS (
    SELECT *, households_out OR known BETWEEN 1 AND k - 1
        OR (code, month, 'known') IN (SELECT code, month, base FROM noted) AS few
    FROM households_done
),
known_sums AS (
    SELECT *,
        coalesce(
            sum(known) FILTER (WHERE few) OVER (PARTITION BY community, month), 0
        ) AS together,
        row_number() OVER (
            PARTITION BY community, month, few OR known = 0 ORDER BY known, code
        ) AS place_in_order
    FROM known_few
),
known_done AS (
    SELECT code, community, month, k, place, added_up, paired, households, known, paired_known,
        few OR (added_up AND known > 0 AND together BETWEEN 1 AND k - 1 AND place_in_order = 1)
            AS known_out
    FROM known_sums
),
paired_known_few AS (
    SELECT *, known_out OR paired_known BETWEEN 1 AND k - 1
        OR (code, month, 'paired_known') IN (SELECT code, month, base FROM noted) AS few
    FROM known_done
),
paired_known_sums AS (
    SELECT *,
        coalesce(
            sum(paired_known) FILTER (WHERE few) OVER (PARTITION BY community, month), 0
        ) AS together,
        row_number() OVER (
            PARTITION BY community, month, few OR paired_known = 0 ORDER BY paired_known, code
        ) AS place_in_order
    FROM paired_known_few
),
paired_known_done AS (
    SELECT code, community, month, k, place, added_up, paired, households, known, paired_known,
        few OR (
            added_up AND paired_known > 0 AND together BETWEEN 1 AND k - 1 AND place_in_order = 1
        ) AS paired_known_out
    FROM paired_known_sums
),
sums AS (
    SELECT community AS code, month, k, NOT added_up AS place, sum(paired) AS paired,
        sum(households) AS households, sum(known) AS known, sum(paired_known) AS paired_known
    FROM cells GROUP BY community, month, k, added_up
),
communities AS (
    SELECT code, month,
        place OR paired BETWEEN 1 AND k - 1
            OR (code, month, 'paired') IN (SELECT code, month, base FROM noted) AS paired,
        place OR households BETWEEN 1 AND k - 1
            OR (code, month, 'households') IN (SELECT code, month, base FROM noted) AS households,
        place OR known BETWEEN 1 AND k - 1
            OR (code, month, 'known') IN (SELECT code, month, base FROM noted)
            OR households BETWEEN 1 AND k - 1
            OR (code, month, 'households') IN (SELECT code, month, base FROM noted) AS known,
        place OR paired_known BETWEEN 1 AND k - 1
            OR (code, month, 'paired_known') IN (SELECT code, month, base FROM noted)
            OR known BETWEEN 1 AND k - 1
            OR (code, month, 'known') IN (SELECT code, month, base FROM noted)
            OR households BETWEEN 1 AND k - 1
            OR (code, month, 'households') IN (SELECT code, month, base FROM noted) AS paired_known
    FROM sums
)
SELECT code, month, p.paired_out AS paired, h.households_out AS households, n.known_out AS known,
    q.paired_known_out AS paired_known
FROM paired_done AS p JOIN households_done AS h USING (code, month)
JOIN known_done AS n USING (code, month) JOIN paired_known_done AS q USING (code, month)
UNION ALL
SELECT code, month, paired, households, known, paired_known FROM communities;
