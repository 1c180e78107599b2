"""Who answers: posts with terms, categories and rules, decisions on incidents, a feed of changes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Each writes to `change` in the transaction of what it tells. {event: statement}, by table.
TOLD = {
    "edition": {
        "INSERT": """
            INSERT INTO change (kind, body)
            SELECT 'edition', jsonb_build_object(
                'edition', id, 'title', title, 'valid_from', valid_from)
            FROM new_rows ORDER BY id""",
    },
    "household": {
        "UPDATE": """
            INSERT INTO change (kind, body)
            SELECT 'household', jsonb_build_object(
                'household', n.external_id, 'from_grid', o.grid_code, 'to_grid', n.grid_code)
            FROM new_rows AS n JOIN old_rows AS o USING (id)
            WHERE n.grid_code <> o.grid_code ORDER BY n.id""",
    },
    "incident_decision": {
        "INSERT": """
            INSERT INTO change (kind, body)
            SELECT 'incident', jsonb_build_object(
                'event', 'decision', 'incident', i.external_id, 'cause', n.cause,
                'category', n.category, 'from_grid', b.grid_code, 'to_grid', n.grid_code,
                'from_department', b.department, 'to_department', n.department,
                'edition', n.edition, 'rule_set', n.rule_set, 'rule', n.rule)
            FROM new_rows AS n
            JOIN incident AS i ON i.id = n.incident_id
            LEFT JOIN LATERAL (
                SELECT grid_code, department FROM incident_decision AS d
                WHERE d.incident_id = n.incident_id AND d.id < n.id ORDER BY d.id DESC LIMIT 1
            ) AS b ON true
            ORDER BY n.id""",
    },
    "incident_move": {
        "INSERT": """
            INSERT INTO change (kind, body)
            SELECT 'incident', jsonb_build_object(
                'event', 'state', 'incident', i.external_id, 'state', n.state)
            FROM new_rows AS n JOIN incident AS i ON i.id = n.incident_id ORDER BY n.id""",
    },
    "post_term": {
        "INSERT": """
            INSERT INTO change (kind, body)
            SELECT 'post', jsonb_build_object(
                'event', 'new', 'term', external_id, 'grid', grid_code, 'role', role,
                'valid_from', lower(valid), 'valid_to', upper(valid))
            FROM new_rows ORDER BY id""",
        "UPDATE": """
            INSERT INTO change (kind, body)
            SELECT 'post', jsonb_build_object(
                'event', 'changed', 'term', n.external_id, 'grid', n.grid_code, 'role', n.role,
                'valid_from', lower(n.valid), 'valid_to', upper(n.valid))
            FROM new_rows AS n JOIN old_rows AS o USING (id)
            WHERE n IS DISTINCT FROM o ORDER BY n.id""",
        "DELETE": """
            INSERT INTO change (kind, body)
            SELECT 'post', jsonb_build_object(
                'event', 'removed', 'term', external_id, 'grid', grid_code, 'role', role)
            FROM old_rows ORDER BY id""",
    },
    "rule_set": {
        "INSERT": """
            INSERT INTO change (kind, body)
            SELECT 'rules', jsonb_build_object(
                'rule_set', id, 'title', title,
                'valid_from', lower(valid), 'valid_to', upper(valid))
            FROM new_rows ORDER BY id""",
        "UPDATE": """
            INSERT INTO change (kind, body)
            SELECT 'rules', jsonb_build_object(
                'rule_set', n.id, 'title', n.title,
                'valid_from', lower(n.valid), 'valid_to', upper(n.valid))
            FROM new_rows AS n JOIN old_rows AS o USING (id)
            WHERE n IS DISTINCT FROM o ORDER BY n.id""",
    },
    "category": {
        "INSERT": """
            INSERT INTO change (kind, body)
            SELECT 'categories', jsonb_build_object('categories', jsonb_agg(code ORDER BY code))
            FROM new_rows HAVING count(*) > 0""",
        "UPDATE": """
            INSERT INTO change (kind, body)
            SELECT 'categories', jsonb_build_object('categories', jsonb_agg(n.code ORDER BY n.code))
            FROM new_rows AS n JOIN old_rows AS o USING (code)
            WHERE n IS DISTINCT FROM o HAVING count(*) > 0""",
    },
}
SEEN = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}

# Who keeps something in memory hears of it at the moment it is committed, by its kind.
NOTIFY_CHANGE = """
CREATE FUNCTION change_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('change', kind) FROM (SELECT DISTINCT kind FROM new_rows) AS kinds;
    RETURN NULL;
END $$
"""
NOTIFY_EDITION = """
CREATE FUNCTION edition_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('edition', NEW.id::text);
    RETURN NULL;
END $$
"""
# Names that answers carry; whoever follows the feed need not hear of them.
NOTIFY_NAMES = """
CREATE FUNCTION names_notify() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('change', TG_TABLE_NAME);
    RETURN NULL;
END $$
"""
NAMED = ("organisation", "division")


def upgrade() -> None:
    _create_posts()
    _create_rules()
    _create_decisions()
    _create_change()
    for function in (NOTIFY_CHANGE, NOTIFY_EDITION, NOTIFY_NAMES):
        op.execute(function)
    for table, events in TOLD.items():
        for event, statement in events.items():
            name = f"{table}_{event.lower()}_told"
            op.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {statement}; RETURN NULL; END $$"
            )
            op.execute(
                f"CREATE TRIGGER told_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {SEEN[event]} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
            )
    op.execute(
        "CREATE TRIGGER notify AFTER INSERT ON change REFERENCING NEW TABLE AS new_rows "
        "FOR EACH STATEMENT EXECUTE FUNCTION change_notify()"
    )
    op.execute(
        "CREATE TRIGGER notify AFTER INSERT ON edition "
        "FOR EACH ROW EXECUTE FUNCTION edition_notify()"
    )
    for table in NAMED:
        op.execute(
            f"CREATE TRIGGER notify AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION names_notify()"
        )


def _create_posts() -> None:
    op.create_table(
        "post_term",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("cadre_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("grid_code"), "="),
            (sa.column("cadre_id"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("role = 'member'"),
            using="gist",
            name="ex_post_term_grid_member_valid",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("grid_code"), "="),
            (sa.column("role"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("role <> 'member'"),
            using="gist",
            name="ex_post_term_grid_role_valid",
        ),
        sa.CheckConstraint(
            "CASE WHEN role IN ('first_secretary', 'rotating_secretary') THEN length(grid_code) = 12 WHEN role = 'member' THEN length(grid_code) = 15 ELSE true END",
            name=op.f("ck_post_term_level"),
        ),
        sa.CheckConstraint(
            "role IN ('grid_leader', 'liaison', 'member', 'first_secretary', 'rotating_secretary')",
            name=op.f("ck_post_term_role"),
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL", name=op.f("ck_post_term_valid")
        ),
        sa.ForeignKeyConstraint(["cadre_id"], ["cadre.id"], name=op.f("fk_post_term_cadre_id")),
        sa.ForeignKeyConstraint(["grid_code"], ["grid.code"], name=op.f("fk_post_term_grid_code")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_post_term_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_term")),
        sa.UniqueConstraint("external_id", name=op.f("uq_post_term_external_id")),
    )
    op.create_index(op.f("ix_post_term_cadre_id"), "post_term", ["cadre_id"], unique=False)
    op.create_index(op.f("ix_post_term_grid_code"), "post_term", ["grid_code"], unique=False)
    op.create_index(
        op.f("ix_post_term_organisation_id"), "post_term", ["organisation_id"], unique=False
    )


def _create_rules() -> None:
    op.create_table(
        "category",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "code ~ '^[a-z][a-z_]*(\\.[a-z][a-z_]*)?$'", name=op.f("ck_category_code")
        ),
        sa.CheckConstraint(
            "parent IS NOT DISTINCT FROM nullif(split_part(code, '.', 1), code)",
            name=op.f("ck_category_parent"),
        ),
        sa.ForeignKeyConstraint(["parent"], ["category.code"], name=op.f("fk_category_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_category")),
    )
    op.create_index(op.f("ix_category_parent"), "category", ["parent"], unique=False)
    op.create_table(
        "rule_set",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column(
            "loaded_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("valid"), "&&"), using="gist", name="ex_rule_set_valid"
        ),
        sa.CheckConstraint(
            "NOT isempty(valid) AND lower(valid) IS NOT NULL", name=op.f("ck_rule_set_valid")
        ),
        sa.CheckConstraint("id > 0", name=op.f("ck_rule_set_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
    )
    op.create_table(
        "rule",
        sa.Column("rule_set", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("limit_h", sa.Double(), nullable=False),
        sa.CheckConstraint("level IN ('grid', 'community', 'banner')", name=op.f("ck_rule_level")),
        sa.CheckConstraint(
            "place ~ '^\\d{6}(\\d{3}(\\d{3}([0-9A-Z]{3})?)?)?$'", name=op.f("ck_rule_place")
        ),
        sa.CheckConstraint("limit_h > 0", name=op.f("ck_rule_limit")),
        sa.ForeignKeyConstraint(["category"], ["category.code"], name=op.f("fk_rule_category")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["organisation.id"], name=op.f("fk_rule_department_id")
        ),
        sa.ForeignKeyConstraint(["rule_set"], ["rule_set.id"], name=op.f("fk_rule_rule_set")),
        sa.PrimaryKeyConstraint("rule_set", "name", name=op.f("pk_rule")),
    )
    op.create_index(op.f("ix_rule_department_id"), "rule", ["department_id"], unique=False)
    op.create_index(
        op.f("ix_rule_rule_set_category_level_place"),
        "rule",
        ["rule_set", "category", "level", "place"],
        unique=True,
    )


def _create_decisions() -> None:
    op.create_table(
        "incident_decision",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "decided_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("at", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("rule_set", sa.Integer(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("distance_m", sa.Double(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("limit_h", sa.Double(), nullable=True),
        sa.Column(
            "candidates",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="[]",
            nullable=False,
        ),
        sa.CheckConstraint(
            "(match = 'outside') = (grid_code IS NULL)", name=op.f("ck_incident_decision_placed")
        ),
        sa.CheckConstraint(
            "cause IN ('reported', 'moved', 'edition', 'rules')",
            name=op.f("ck_incident_decision_cause"),
        ),
        sa.CheckConstraint(
            "match IN ('inside', 'nearest', 'outside')", name=op.f("ck_incident_decision_match")
        ),
        sa.CheckConstraint(
            "(longitude IS NULL) = (latitude IS NULL)", name=op.f("ck_incident_decision_position")
        ),
        sa.CheckConstraint("accuracy_m >= 0", name=op.f("ck_incident_decision_accuracy")),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_incident_decision_edition")
        ),
        sa.ForeignKeyConstraint(
            ["grid_code"], ["grid.code"], name=op.f("fk_incident_decision_grid_code")
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_decision_incident_id")
        ),
        sa.ForeignKeyConstraint(
            ["rule_set"], ["rule_set.id"], name=op.f("fk_incident_decision_rule_set")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_decision")),
    )
    op.create_index(
        op.f("ix_incident_decision_incident_id_id"),
        "incident_decision",
        ["incident_id", "id"],
        unique=False,
    )
    op.create_table(
        "incident_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_key_incident_id")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_incident_key")),
    )
    op.create_index(
        op.f("ix_incident_key_incident_id"), "incident_key", ["incident_id"], unique=False
    )
    op.create_table(
        "incident_move",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("incident_id", sa.Integer(), nullable=False),
        sa.Column(
            "moved_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name=op.f("fk_incident_move_incident_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_move")),
    )
    op.create_index(
        op.f("ix_incident_move_incident_id_id"),
        "incident_move",
        ["incident_id", "id"],
        unique=False,
    )


def _create_change() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "happened_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind IN ('edition', 'household', 'incident', 'post', 'rules', 'categories')",
            name=op.f("ck_change_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sa.UniqueConstraint("number", name=op.f("uq_change_number")),
    )
    op.create_index(
        "ix_change_unnumbered",
        "change",
        ["id"],
        unique=False,
        postgresql_where=sa.text("number IS NULL"),
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER notify ON edition")
    for table in NAMED:
        op.execute(f"DROP TRIGGER notify ON {table}")
    for table in ("edition", "household"):
        for event in TOLD[table]:
            op.execute(f"DROP TRIGGER told_{event.lower()} ON {table}")
    for table in (
        "incident_move",
        "incident_key",
        "incident_decision",
        "post_term",
        "rule",
        "rule_set",
        "change",
        "category",
    ):
        op.drop_table(table)
    for table, events in TOLD.items():
        for event in events:
            op.execute(f"DROP FUNCTION {table}_{event.lower()}_told()")
    for function in ("change_notify", "edition_notify", "names_notify"):
        op.execute(f"DROP FUNCTION {function}()")
