-- In which grid a household was counted, edition by edition (`household_home`), and the feed of
-- households whose grid is another one.

-- A new household is counted in its grid from the newest edition on.
CREATE OR REPLACE FUNCTION home_insert() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO household_home (household_id, edition, grid_code)
    SELECT n.id, e.id, n.grid_code
    FROM new_rows AS n CROSS JOIN edition_in_force AS e
    WHERE e.id IS NOT NULL;
    RETURN NULL;
END $$;

-- Where a redraw gave a household another grid, that holds from the newest edition on. One that
-- moved was in no earlier figure of its new place, like one that is new: what is known of it is
-- forgotten first.
CREATE OR REPLACE FUNCTION home_update() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM household_home AS h
    USING new_rows AS n JOIN old_rows AS o USING (id)
    WHERE h.household_id = n.id AND n.grid_code <> o.grid_code
        AND NOT ST_Equals(n.geom, o.geom);
    INSERT INTO household_home (household_id, edition, grid_code)
    SELECT n.id, e.id, n.grid_code
    FROM new_rows AS n JOIN old_rows AS o USING (id)
    CROSS JOIN edition_in_force AS e
    WHERE n.grid_code <> o.grid_code AND e.id IS NOT NULL
    ON CONFLICT (household_id, edition) DO UPDATE SET grid_code = excluded.grid_code;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER home_insert AFTER INSERT ON household
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION home_insert();
CREATE OR REPLACE TRIGGER home_update AFTER UPDATE ON household
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION home_update();

CREATE OR REPLACE FUNCTION household_update_told() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (kind, body)
    SELECT 'household', jsonb_build_object(
        'household', n.external_id, 'from_grid', o.grid_code, 'to_grid', n.grid_code)
    FROM new_rows AS n JOIN old_rows AS o USING (id)
    WHERE n.grid_code <> o.grid_code ORDER BY n.id;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER told_update AFTER UPDATE ON household
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION household_update_told();
