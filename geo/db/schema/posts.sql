-- The feed tells of every term of a post that is new, changed or removed.

CREATE OR REPLACE FUNCTION post_term_insert_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'post', jsonb_build_object(
        'event', 'new', 'term', n.id, 'grid', n.grid_code, 'role', n.role,
        'valid_from', lower(n.valid), 'valid_to', upper(n.valid))
    FROM new_rows AS n ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION post_term_update_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'post', jsonb_build_object(
        'event', 'changed', 'term', n.id, 'grid', n.grid_code, 'role', n.role,
        'valid_from', lower(n.valid), 'valid_to', upper(n.valid))
    FROM new_rows AS n JOIN old_rows AS o USING (id)
    WHERE n IS DISTINCT FROM o ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION post_term_delete_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'post', jsonb_build_object(
        'event', 'removed', 'term', n.id, 'grid', n.grid_code, 'role', n.role)
    FROM old_rows AS n ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_delete AFTER DELETE ON post_term
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION post_term_delete_told();
CREATE OR REPLACE TRIGGER told_insert AFTER INSERT ON post_term
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION post_term_insert_told();
CREATE OR REPLACE TRIGGER told_update AFTER UPDATE ON post_term
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION post_term_update_told();
