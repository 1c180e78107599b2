-- Which edition of the grids is in force; the feed tells of each when it takes effect.

-- The edition that answers today: the newest that took effect. One that is published for a later
-- day takes effect when that day is turned to, with the grids of all that lies in it.
CREATE VIEW edition_in_force AS
SELECT max(id) AS id FROM edition WHERE took_effect_at IS NOT NULL;

CREATE OR REPLACE FUNCTION edition_insert_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'edition', jsonb_build_object(
        'edition', id, 'title', title, 'valid_from', valid_from)
    FROM new_rows WHERE took_effect_at IS NOT NULL ORDER BY id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_insert AFTER INSERT ON edition
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION edition_insert_told();

CREATE OR REPLACE FUNCTION edition_update_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'edition', jsonb_build_object(
        'edition', n.id, 'title', n.title, 'valid_from', n.valid_from)
    FROM new_rows AS n JOIN old_rows AS o USING (id)
    WHERE n.took_effect_at IS NOT NULL AND o.took_effect_at IS NULL ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_update AFTER UPDATE ON edition
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION edition_update_told();
