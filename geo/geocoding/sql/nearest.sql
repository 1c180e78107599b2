-- The nearest of each kind. Degrees find few candidates by the index, metres decide among them: a
-- degree of longitude is shorter than one of latitude here, so the nearest in degrees may not be
-- the nearest. The box is as wide as the limit is at 60 degrees north, which holds the banner's.
WITH given AS (
    SELECT ST_SetSRID(ST_Point(:longitude, :latitude), 4490) AS point
),
asked AS (
    SELECT point, ST_Transform(point, :metric_srid) AS metric,
        ST_Expand(point, :limit_m / 55000.0, :limit_m / 110000.0) AS box
    FROM given
),
near_compound AS (
    SELECT c.external_id, c.name, ST_Distance(ST_Transform(c.geom, :metric_srid), metric) AS distance_m
    FROM compound AS c, asked
    WHERE c.geom && box
),
near_building AS (
    SELECT b.external_id, b.name, b.compound_id,
        ST_Distance(ST_Transform(b.geom, :metric_srid), metric) AS distance_m
    FROM building AS b, asked
    WHERE b.geom && box
),
near_household AS (
    SELECT h.external_id, h.building_id, h.unit, h.room,
        ST_Distance(ST_Transform(h.geom, :metric_srid), metric) AS distance_m
    FROM household AS h, asked
    WHERE h.geom && box AND h.registered_from <= CAST(:day AS date)
        AND (h.registered_to IS NULL OR h.registered_to > CAST(:day AS date))
)
(
    SELECT 'compound' AS kind, external_id, name, external_id AS compound, name AS compound_name,
        NULL AS building, NULL AS building_name, NULL AS unit, NULL AS room, distance_m
    FROM near_compound
    WHERE distance_m <= :limit_m
    ORDER BY round(distance_m::numeric, 3), external_id COLLATE "C"
    LIMIT 1
)
UNION ALL
(
    SELECT 'building', n.external_id, n.name, c.external_id, c.name, n.external_id, n.name, NULL, NULL,
        n.distance_m
    FROM near_building AS n
    JOIN compound AS c ON c.id = n.compound_id
    WHERE n.distance_m <= :limit_m
    ORDER BY round(n.distance_m::numeric, 3), n.external_id COLLATE "C"
    LIMIT 1
)
UNION ALL
(
    SELECT 'household', n.external_id, NULL, c.external_id, c.name, b.external_id, b.name, n.unit, n.room,
        n.distance_m
    FROM near_household AS n
    LEFT JOIN building AS b ON b.id = n.building_id
    LEFT JOIN compound AS c ON c.id = b.compound_id
    WHERE n.distance_m <= :limit_m
    ORDER BY round(n.distance_m::numeric, 3), n.external_id COLLATE "C"
    LIMIT 1
)
