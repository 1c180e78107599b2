"""Coverage by grid and month, kept by the database as visits arrive.

A statement that writes visits counts just the months it touched anew; one that changes households
or pairings counts every month that has data. Whoever writes the rows, the figures follow.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

REFRESH = """
CREATE FUNCTION coverage_refresh(months date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(cardinality(months), 0) = 0 THEN
        RETURN;
    END IF;
    -- Two loads that touch the same month count one after the other, the later with both.
    PERFORM pg_advisory_xact_lock(hashtext('coverage_month'));
    DELETE FROM coverage_month WHERE month = ANY (months);
    INSERT INTO coverage_month (grid_code, month, registered, paired, visited_paired, visited_any)
    WITH calendar AS (
        SELECT DISTINCT m AS first_day, (m + interval '1 month')::date AS after
        FROM unnest(months) AS m
        WHERE EXISTS (
            SELECT FROM visit WHERE visited_on >= m AND visited_on < m + interval '1 month'
        )
    ),
    reached AS (
        SELECT c.first_day, v.household_id, bool_or(p.id IS NOT NULL) AS by_paired
        FROM visit AS v
        JOIN calendar AS c ON v.visited_on >= c.first_day AND v.visited_on < c.after
        LEFT JOIN pairing AS p
            ON p.household_id = v.household_id AND p.cadre_id = v.cadre_id AND p.valid @> v.visited_on
        GROUP BY c.first_day, v.household_id
    ),
    paired AS (
        SELECT DISTINCT c.first_day, p.household_id
        FROM pairing AS p
        JOIN calendar AS c ON p.valid && daterange(c.first_day, c.after)
    )
    SELECT h.grid_code, c.first_day, count(*), count(p.household_id),
        count(*) FILTER (WHERE r.by_paired), count(r.household_id)
    FROM calendar AS c
    JOIN household AS h
        ON h.registered_from < c.after AND (h.registered_to IS NULL OR h.registered_to >= c.after)
    LEFT JOIN paired AS p ON p.first_day = c.first_day AND p.household_id = h.id
    LEFT JOIN reached AS r ON r.first_day = c.first_day AND r.household_id = h.id
    GROUP BY h.grid_code, c.first_day;
END $$
"""

VISITS_CHANGED = """
CREATE FUNCTION coverage_visits_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_refresh(ARRAY(SELECT DISTINCT date_trunc('month', visited_on)::date FROM changed));
    RETURN NULL;
END $$
"""

VISITS_UPDATED = """
CREATE FUNCTION coverage_visits_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_refresh(ARRAY(
        SELECT date_trunc('month', visited_on)::date FROM before
        UNION
        SELECT date_trunc('month', visited_on)::date FROM changed
    ));
    RETURN NULL;
END $$
"""

BASE_CHANGED = """
CREATE FUNCTION coverage_base_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM coverage_refresh(ARRAY(
        SELECT m::date
        FROM (SELECT min(visited_on) AS first_day, max(visited_on) AS last_day FROM visit) AS v,
            generate_series(date_trunc('month', first_day), last_day, interval '1 month') AS m
    ));
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    for function in (REFRESH, VISITS_CHANGED, VISITS_UPDATED, BASE_CHANGED):
        op.execute(function)
    op.execute(
        "CREATE TRIGGER coverage_inserted AFTER INSERT ON visit REFERENCING NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION coverage_visits_changed()"
    )
    op.execute(
        "CREATE TRIGGER coverage_deleted AFTER DELETE ON visit REFERENCING OLD TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION coverage_visits_changed()"
    )
    op.execute(
        "CREATE TRIGGER coverage_updated AFTER UPDATE ON visit "
        "REFERENCING OLD TABLE AS before NEW TABLE AS changed "
        "FOR EACH STATEMENT EXECUTE FUNCTION coverage_visits_updated()"
    )
    for table in ("household", "pairing"):
        op.execute(
            f"CREATE TRIGGER coverage_base AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION coverage_base_changed()"
        )


def downgrade() -> None:
    for table in ("household", "pairing"):
        op.execute(f"DROP TRIGGER coverage_base ON {table}")
    for trigger in ("inserted", "deleted", "updated"):
        op.execute(f"DROP TRIGGER coverage_{trigger} ON visit")
    for function in ("base_changed()", "visits_updated()", "visits_changed()", "refresh(date[])"):
        op.execute(f"DROP FUNCTION coverage_{function}")
