-- Whatever else figures are counted from: a change of it counts months anew.

-- Of these tables every month that is known. A statement that touched no row is no reason to. By
-- name its triggers fire after `told_update`: what led to a change of figures is told before it.
CREATE OR REPLACE FUNCTION coverage_base_changed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        PERFORM coverage_refresh(coverage_months());
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER delete_coverage AFTER DELETE ON household
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER insert_coverage AFTER INSERT ON household
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
-- Households that are other ones now change the grids where they were and are, and those where a
-- building of theirs lies by the rest of its households.
CREATE OR REPLACE FUNCTION coverage_households_updated() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM changed) THEN
        PERFORM coverage_count(coverage_months(), ARRAY(
            WITH touched AS (
                SELECT grid_code, building_id FROM before
                UNION SELECT grid_code, building_id FROM changed
            )
            SELECT grid_code FROM touched
            UNION SELECT h.grid_code FROM household AS h
            WHERE h.building_id IN (SELECT building_id FROM touched)
            UNION SELECT k.grid_code FROM building AS b JOIN compound AS k ON k.id = b.compound_id
            WHERE b.id IN (SELECT building_id FROM touched)
        ));
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER update_coverage AFTER UPDATE ON household
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION coverage_households_updated();

CREATE OR REPLACE TRIGGER delete_coverage AFTER DELETE ON pairing
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER insert_coverage AFTER INSERT ON pairing
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER update_coverage AFTER UPDATE ON pairing
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();

CREATE OR REPLACE TRIGGER delete_coverage AFTER DELETE ON household_status
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER insert_coverage AFTER INSERT ON household_status
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER update_coverage AFTER UPDATE ON household_status
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();

CREATE OR REPLACE TRIGGER delete_coverage AFTER DELETE ON building
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER insert_coverage AFTER INSERT ON building
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER update_coverage AFTER UPDATE ON building
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();

CREATE OR REPLACE TRIGGER delete_coverage AFTER DELETE ON building_occupancy
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER insert_coverage AFTER INSERT ON building_occupancy
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER update_coverage AFTER UPDATE ON building_occupancy
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();

CREATE OR REPLACE TRIGGER delete_coverage AFTER DELETE ON coverage_setting
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();
CREATE OR REPLACE TRIGGER insert_coverage AFTER INSERT ON coverage_setting
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed();

-- But not when counting writes down on which day what is known began.
CREATE OR REPLACE FUNCTION coverage_setting_changed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM coverage_refresh(coverage_months());
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER update_coverage AFTER UPDATE ON coverage_setting
    FOR EACH ROW WHEN (
        (OLD.first_day, OLD.visit_interval_days, OLD.care_interval_days)
        IS DISTINCT FROM (NEW.first_day, NEW.visit_interval_days, NEW.care_interval_days)
    ) EXECUTE FUNCTION coverage_setting_changed();

-- A delivery changes its own month; one that is moved to another month changes both.
CREATE OR REPLACE FUNCTION coverage_deliveries_changed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM coverage_refresh(ARRAY(SELECT DISTINCT month FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION coverage_deliveries_updated() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM coverage_refresh(ARRAY(SELECT month FROM before UNION SELECT month FROM changed));
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER coverage_delete AFTER DELETE ON delivery
    REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION coverage_deliveries_changed();
CREATE OR REPLACE TRIGGER coverage_insert AFTER INSERT ON delivery
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION coverage_deliveries_changed();
CREATE OR REPLACE TRIGGER coverage_update AFTER UPDATE ON delivery
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION coverage_deliveries_updated();
