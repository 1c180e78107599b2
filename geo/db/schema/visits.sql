-- A statement that writes visits has the months that it touched counted anew: of up to 200 rows (a
-- late visit or two) those of their grids alone.

CREATE OR REPLACE FUNCTION coverage_visits_changed() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    months date[];
BEGIN
    months := ARRAY(
        SELECT DISTINCT coverage_label(d.visited_on)
        FROM (SELECT DISTINCT visited_on FROM changed) AS d
    );
    IF cardinality(months) = 0 THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM changed) <= 200 THEN
        PERFORM coverage_late(array_agg(household_id), array_agg(cadre_id), min(visited_on))
        FROM changed
        GROUP BY coverage_label(visited_on);
        PERFORM coverage_later(array_agg(household_id), array_agg(visited_on))
        FROM changed;
    ELSE
        PERFORM coverage_refresh(months);
        PERFORM coverage_count_days(ARRAY(
            SELECT DISTINCT d.month FROM coverage_recency AS d
            WHERE d.month > (SELECT min(m) FROM unnest(months) AS m) AND d.month <> ALL (months)
        ), NULL);
    END IF;
    -- Their heat maps changed, even where no count did.
    PERFORM coverage_tell(months);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION coverage_visits_updated() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    months date[];
BEGIN
    months := ARRAY(
        SELECT DISTINCT coverage_label(d.visited_on)
        FROM (SELECT visited_on FROM before UNION SELECT visited_on FROM changed) AS d
    );
    IF cardinality(months) = 0 THEN
        RETURN NULL;
    END IF;
    IF (SELECT count(*) FROM before) + (SELECT count(*) FROM changed) <= 200 THEN
        PERFORM coverage_late(array_agg(household_id), array_agg(cadre_id), min(visited_on))
        FROM (SELECT * FROM before UNION ALL SELECT * FROM changed) AS r
        GROUP BY coverage_label(visited_on);
        PERFORM coverage_later(array_agg(household_id), array_agg(visited_on))
        FROM (SELECT * FROM before UNION ALL SELECT * FROM changed) AS r;
    ELSE
        PERFORM coverage_refresh(months);
        PERFORM coverage_count_days(ARRAY(
            SELECT DISTINCT d.month FROM coverage_recency AS d
            WHERE d.month > (SELECT min(m) FROM unnest(months) AS m) AND d.month <> ALL (months)
        ), NULL);
    END IF;
    -- Their heat maps changed, even where no count did.
    PERFORM coverage_tell(months);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER coverage_deleted AFTER DELETE ON visit
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_visits_changed();
CREATE OR REPLACE TRIGGER coverage_inserted AFTER INSERT ON visit
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION coverage_visits_changed();
CREATE OR REPLACE TRIGGER coverage_updated AFTER UPDATE ON visit
    REFERENCING OLD TABLE AS before NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION coverage_visits_updated();
