-- What each subject is at: a number that rises, and a mark that is another one, with every statement
-- that wrote to a table of the subject. Both can be seen when the transaction is committed, and the
-- channel `version` tells the subject at that moment. Whatever is made from a subject and kept is
-- kept by its mark; so it does not matter which of two transactions began first.

-- A subject has as many rows as transactions ever raised it at the same time: one that another
-- holds is passed over, so that nobody waits for it and no two can wait for each other. The number
-- is the sum of the rows, the mark is made of theirs; one that was rolled back does not return.
CREATE OR REPLACE FUNCTION version_raise(raised text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE version SET number = number + 1, mark = gen_random_uuid() WHERE id = (
        SELECT v.id FROM version AS v WHERE v.subject = raised
        ORDER BY v.id LIMIT 1 FOR UPDATE SKIP LOCKED
    );
    IF NOT FOUND THEN
        INSERT INTO version (subject, number, mark) VALUES (raised, 1, gen_random_uuid());
    END IF;
    PERFORM pg_notify('version', raised);
END $$;

CREATE OR REPLACE FUNCTION version_changed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM version_raise(subject) FROM unnest(TG_ARGV) AS subject;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverage_month
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('figures');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverage_recency
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('figures');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverage_total
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('figures');
-- The one row is updated each day where the settings are others, which they rarely are.
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE ON coverage_setting
    FOR EACH ROW EXECUTE FUNCTION version_changed('figures');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverage_release
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('figures');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverage_hidden
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('figures');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON coverage_hidden_base
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('figures');

CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON edition
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('territory');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grid_version
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('territory');

CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON division
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('territory', 'ground');

CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON compound
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('ground');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON building
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('ground');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON landmark
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('ground');

CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON organisation
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('people');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cadre
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('people');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON post_term
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('people');

CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON incident
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('incidents');

CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON category
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('rules');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule_set
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('rules');
CREATE OR REPLACE TRIGGER version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON rule
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('rules');

-- A change is written once; to give it its number is no news.
CREATE OR REPLACE TRIGGER version AFTER INSERT ON change
    FOR EACH STATEMENT EXECUTE FUNCTION version_changed('changes');
