-- The feed tells of rule sets that are new or changed, and of categories.

CREATE OR REPLACE FUNCTION rule_set_insert_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'rules', jsonb_build_object(
        'rule_set', id, 'title', title,
        'valid_from', lower(valid), 'valid_to', upper(valid))
    FROM new_rows ORDER BY id;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION rule_set_update_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'rules', jsonb_build_object(
        'rule_set', n.id, 'title', n.title,
        'valid_from', lower(n.valid), 'valid_to', upper(n.valid))
    FROM new_rows AS n JOIN old_rows AS o USING (id)
    WHERE n IS DISTINCT FROM o ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_insert AFTER INSERT ON rule_set
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION rule_set_insert_told();
CREATE OR REPLACE TRIGGER told_update AFTER UPDATE ON rule_set
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION rule_set_update_told();

CREATE OR REPLACE FUNCTION category_insert_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'categories', jsonb_build_object('categories', jsonb_agg(code ORDER BY code))
    FROM new_rows HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION category_update_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'categories', jsonb_build_object('categories', jsonb_agg(n.code ORDER BY n.code))
    FROM new_rows AS n JOIN old_rows AS o USING (code)
    WHERE n IS DISTINCT FROM o HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_insert AFTER INSERT ON category
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION category_insert_told();
CREATE OR REPLACE TRIGGER told_update AFTER UPDATE ON category
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION category_update_told();
