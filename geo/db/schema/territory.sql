-- The feed tells of every edition of the grids.

CREATE OR REPLACE FUNCTION edition_insert_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'edition', jsonb_build_object(
        'edition', id, 'title', title, 'valid_from', valid_from)
    FROM new_rows ORDER BY id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_insert AFTER INSERT ON edition
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION edition_insert_told();
