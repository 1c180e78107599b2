-- The feed tells of every decision about an incident, with what it was before, and of every move.

CREATE OR REPLACE FUNCTION incident_decision_insert_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'incident', jsonb_build_object(
        'event', 'decision', 'incident', i.external_id, 'cause', n.cause,
        'category', n.category, 'from_grid', b.grid_code, 'to_grid', n.grid_code,
        'from_department', b.department, 'to_department', n.department,
        'edition', n.edition, 'rule_set', n.rule_set, 'rule', n.rule)
    FROM new_rows AS n
    JOIN incident AS i ON i.id = n.incident_id
    LEFT JOIN LATERAL (
        SELECT grid_code, department FROM incident_decision AS d
        WHERE d.incident_id = n.incident_id AND d.id < n.id ORDER BY d.id DESC LIMIT 1
    ) AS b ON true
    ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_insert AFTER INSERT ON incident_decision
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION incident_decision_insert_told();

CREATE OR REPLACE FUNCTION incident_move_insert_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'incident', jsonb_build_object(
        'event', 'state', 'incident', i.external_id, 'state', n.state)
    FROM new_rows AS n JOIN incident AS i ON i.id = n.incident_id ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_insert AFTER INSERT ON incident_move
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION incident_move_insert_told();
