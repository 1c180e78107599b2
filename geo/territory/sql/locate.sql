-- The twin of GridIndex.locate: the same answer for every point, computed by PostGIS.
-- `asked` and `level_two` are staged by geo.territory.repository.locate.
WITH inside AS MATERIALIZED (
    SELECT asked.row, min(level_two.code COLLATE "C") AS code
    FROM asked
    JOIN level_two ON ST_Intersects(level_two.geom, asked.point)
    GROUP BY asked.row
),
around AS (
    SELECT ST_Extent(geom) AS box FROM level_two
),
outside AS MATERIALIZED (
    SELECT asked.row, ST_Transform(asked.point, :metric_srid) AS point
    FROM asked
    CROSS JOIN around
    LEFT JOIN inside USING (row)
    WHERE inside.row IS NULL
        AND ST_X(asked.point) BETWEEN ST_XMin(box) - :far_deg AND ST_XMax(box) + :far_deg
        AND ST_Y(asked.point) BETWEEN ST_YMin(box) - :far_deg AND ST_YMax(box) + :far_deg
),
near AS (
    SELECT outside.row, first.code, first.distance_m
    FROM outside
    CROSS JOIN LATERAL (
        SELECT metric <-> outside.point AS distance_m
        FROM level_two
        ORDER BY metric <-> outside.point
        LIMIT 1
    ) AS least
    CROSS JOIN LATERAL (
        SELECT code, ST_Distance(metric, outside.point) AS distance_m
        FROM level_two
        WHERE ST_DWithin(metric, outside.point, least.distance_m + :tie_m)
        ORDER BY round((ST_Distance(metric, outside.point) / :tie_m)::numeric), code COLLATE "C"
        LIMIT 1
    ) AS first
)
SELECT
    CASE WHEN near.row IS NULL THEN inside.code WHEN near.distance_m <= :limit_m THEN near.code END AS grid_code,
    CASE
        WHEN inside.row IS NOT NULL THEN 'inside'
        WHEN near.distance_m <= :limit_m THEN 'nearest'
    END AS match,
    CASE WHEN inside.row IS NOT NULL THEN 0.0 ELSE near.distance_m END AS distance_m
FROM asked
LEFT JOIN inside USING (row)
LEFT JOIN near USING (row)
ORDER BY asked.row
