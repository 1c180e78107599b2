-- The twin of GridIndex.locate: the same answer for every point, computed by PostGIS.
WITH given AS (
    SELECT row, ST_SetSRID(wkb::geometry, 4490) AS point
    FROM unnest(CAST(:wkbs AS text[])) WITH ORDINALITY AS u (wkb, row)
),
metric AS MATERIALIZED (
    SELECT code, ST_Transform(geom, :metric_srid) AS geom
    FROM grid_version
    WHERE length(code) = 15 AND editions @> CAST(:edition AS int) AND valid @> CAST(:day AS date)
),
placed AS (
    SELECT given.row, given.point, inside.code
    FROM given
    LEFT JOIN LATERAL (
        SELECT code
        FROM grid_version AS v
        WHERE length(code) = 15 AND editions @> CAST(:edition AS int) AND valid @> CAST(:day AS date)
            AND ST_Intersects(v.geom, given.point)
        ORDER BY code COLLATE "C"
        LIMIT 1
    ) AS inside ON TRUE
)
SELECT
    CASE
        WHEN placed.code IS NOT NULL THEN placed.code
        WHEN near.distance_m <= :limit_m THEN near.code
    END AS grid_code,
    CASE
        WHEN placed.code IS NOT NULL THEN 'inside'
        WHEN near.distance_m <= :limit_m THEN 'nearest'
    END AS match,
    CASE WHEN placed.code IS NOT NULL THEN 0.0 ELSE near.distance_m END AS distance_m
FROM placed
LEFT JOIN LATERAL (
    SELECT code, ST_Distance(geom, ST_Transform(placed.point, :metric_srid)) AS distance_m
    FROM metric
    WHERE placed.code IS NULL AND NOT ST_IsEmpty(placed.point)
    ORDER BY round((ST_Distance(geom, ST_Transform(placed.point, :metric_srid)) / :tie_m)::numeric), code COLLATE "C"
    LIMIT 1
) AS near ON TRUE
ORDER BY placed.row
