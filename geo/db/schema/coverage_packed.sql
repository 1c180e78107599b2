-- The rows of a month of `coverage_month` as one string of bytes (`coverage_packed`), which is
-- read in a fraction of the time; made anew when one of them is written.

CREATE OR REPLACE FUNCTION coverage_pack(months date[]) RETURNS void LANGUAGE plpgsql
    SET jit TO 'off' AS $$
BEGIN
    DELETE FROM coverage_packed AS p WHERE p.month = ANY (months);
    INSERT INTO coverage_packed (month, body)
    SELECT m.month, string_agg(m.packed, '') FROM coverage_month AS m
    WHERE m.month = ANY (months) GROUP BY m.month;
END $$;

CREATE OR REPLACE FUNCTION coverage_pack_insert() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM coverage_pack(ARRAY(SELECT DISTINCT month FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION coverage_pack_update() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM coverage_pack(ARRAY(SELECT month FROM before UNION SELECT month FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION coverage_pack_delete() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM coverage_pack(ARRAY(SELECT DISTINCT month FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION coverage_pack_truncate() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM coverage_pack(ARRAY(SELECT month FROM coverage_packed));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER coverage_pack_delete AFTER DELETE ON coverage_month
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_pack_delete();
CREATE OR REPLACE TRIGGER coverage_pack_insert AFTER INSERT ON coverage_month
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_pack_insert();
CREATE OR REPLACE TRIGGER coverage_pack_truncate AFTER TRUNCATE ON coverage_month
    FOR EACH STATEMENT EXECUTE FUNCTION coverage_pack_truncate();
CREATE OR REPLACE TRIGGER coverage_pack_update AFTER UPDATE ON coverage_month
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION coverage_pack_update();
