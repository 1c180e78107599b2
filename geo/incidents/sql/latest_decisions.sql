-- Incidents that may have to be decided, and what was last decided of each: those that were never decided, those whose
-- place or category is another than that of their last decision and, with :every, all that have not
-- ended.
SELECT i.id, i.external_id, i.category, ST_X(i.geom) AS longitude, ST_Y(i.geom) AS latitude,
    i.grid_code, i.match, i.distance_m, i.unplaced_reason,
    i.closed_at IS NULL AND i.state <> ALL(:ended) AS open,
    CASE
        WHEN w.external_id IS NULL THEN CASE WHEN i.geom IS NULL THEN 'nothing' ELSE 'position' END
        WHEN r.state IN ('accept', 'pick') THEN 'address.decided'
        ELSE 'address'
    END AS placed_by,
    d.id AS decision, d.category AS last_category, d.longitude AS last_longitude,
    d.latitude AS last_latitude, d.accuracy_m AS last_accuracy_m, d.placed_by AS last_placed_by,
    d.grid_code AS last_grid_code, d.rule AS last_rule, d.department AS last_department,
    d.limit_h AS last_limit_h, d.candidates::text AS last_candidates
FROM incident AS i
LEFT JOIN (
    SELECT DISTINCT ON (incident_id) * FROM incident_decision ORDER BY incident_id, id DESC
) AS d ON d.incident_id = i.id
LEFT JOIN geocoded_row AS w ON w.kind = 'incidents' AND w.external_id = i.external_id
LEFT JOIN geocode_review AS r ON r.id = w.review_id
WHERE d.id IS NULL
    OR (d.category, d.longitude, d.latitude)
        IS DISTINCT FROM (i.category, ST_X(i.geom), ST_Y(i.geom))
    OR (:every AND i.closed_at IS NULL AND i.state <> ALL(:ended))
ORDER BY i.id
