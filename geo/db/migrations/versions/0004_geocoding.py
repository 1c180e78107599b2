"""Other names of places, the texts that wait for a person, what was decided; a revision of it all.

Whoever changes what addresses are read with, by whatever way, raises the gazetteer's revision: the
database counts, so that no door can forget to.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

READ_WITH = (
    "alias",
    "building",
    "compound",
    "division",
    "grid_version",
    "household",
    "landmark",
    "organisation",
)
SEEN = {"INSERT": "NEW", "UPDATE": "NEW", "DELETE": "OLD"}

CHANGED = """
CREATE FUNCTION gazetteer_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A statement that found nothing to do changed nothing.
    IF EXISTS (SELECT FROM changed) THEN
        INSERT INTO gazetteer_change DEFAULT VALUES;
    END IF;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    _create_alias()
    op.create_table(
        "gazetteer_change",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "changed_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gazetteer_change")),
    )
    _create_review()
    _create_decision()
    op.execute(CHANGED)
    for table in READ_WITH:
        for event, rows in SEEN.items():
            op.execute(
                f"CREATE TRIGGER gazetteer_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} TABLE AS changed "
                "FOR EACH STATEMENT EXECUTE FUNCTION gazetteer_changed()"
            )


def _create_alias() -> None:
    op.create_table(
        "alias",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="alias", nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "proposed_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("confirmed_by", sa.Text(), nullable=True),
        sa.Column("confirmed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.column("target_kind"), "="),
            (sa.column("target_id"), "="),
            (sa.column("alias"), "="),
            (sa.column("valid"), "&&"),
            where=sa.text("state IN ('proposed', 'confirmed')"),
            using="gist",
            name="ex_alias_target_alias_valid",
        ),
        sa.CheckConstraint(
            "kind IN ('alias', 'abbreviation', 'former', 'popular', 'misspelling')",
            name=op.f("ck_alias_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'withdrawn', 'dismissed')",
            name=op.f("ck_alias_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'withdrawn') OR (confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL)",
            name=op.f("ck_alias_confirmed"),
        ),
        sa.CheckConstraint(
            "target_kind IN ('town', 'community', 'compound', 'building', 'landmark', 'organisation')",
            name=op.f("ck_alias_target_kind"),
        ),
        sa.CheckConstraint("NOT isempty(valid)", name=op.f("ck_alias_valid")),
        sa.CheckConstraint(
            "alias = btrim(alias) AND length(alias) BETWEEN 1 AND 100",
            name=op.f("ck_alias_alias"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_alias"), "alias", ["alias"], unique=False)


def _create_review() -> None:
    op.create_table(
        "geocode_review",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("best", postgresql.JSONB(), nullable=True),
        sa.Column("candidates", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("faults", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("grid_probability", sa.Double(), nullable=False),
        sa.Column("affects", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_by IS NOT NULL)", name=op.f("ck_geocode_review_settled")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accept', 'pick', 'unknown', 'not_in_banner', 'settled')",
            name=op.f("ck_geocode_review_state"),
        ),
        sa.CheckConstraint(
            "length(text) <= 500 AND length(normalised) <= 500",
            name=op.f("ck_geocode_review_length"),
        ),
        sa.CheckConstraint("affects >= 0", name=op.f("ck_geocode_review_affects")),
        sa.CheckConstraint(
            "grid_probability BETWEEN 0 AND 1", name=op.f("ck_geocode_review_grid_probability")
        ),
        sa.CheckConstraint(
            "probability BETWEEN 0 AND 1", name=op.f("ck_geocode_review_probability")
        ),
        sa.ForeignKeyConstraint(
            ["edition"], ["edition.id"], name=op.f("fk_geocode_review_edition")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by"], ["alias.id"], name=op.f("fk_geocode_review_settled_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geocode_review")),
        sa.UniqueConstraint("normalised", name=op.f("uq_geocode_review_normalised")),
    )
    op.create_index(
        op.f("ix_geocode_review_state_affects"),
        "geocode_review",
        ["state", "affects"],
        unique=False,
    )
    op.create_table(
        "geocoded_row",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('households', 'incidents')", name=op.f("ck_geocoded_row_kind")
        ),
        sa.CheckConstraint("length(text) <= 500", name=op.f("ck_geocoded_row_length")),
        sa.ForeignKeyConstraint(
            ["review_id"], ["geocode_review.id"], name=op.f("fk_geocoded_row_review_id")
        ),
        sa.PrimaryKeyConstraint("kind", "external_id", name=op.f("pk_geocoded_row")),
    )
    op.create_index(op.f("ix_geocoded_row_review_id"), "geocoded_row", ["review_id"], unique=False)


def _create_decision() -> None:
    op.create_table(
        "review_decision",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target_kind", sa.Text(), nullable=True),
        sa.Column("target_id", sa.Text(), nullable=True),
        sa.Column("called", sa.Text(), nullable=True),
        sa.Column("compound_id", sa.Text(), nullable=True),
        sa.Column(
            "decided_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("undone_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(action IN ('accept', 'pick')) = (target_kind IS NOT NULL AND target_id IS NOT NULL)",
            name=op.f("ck_review_decision_target"),
        ),
        sa.CheckConstraint(
            "action IN ('accept', 'pick', 'unknown', 'not_in_banner')",
            name=op.f("ck_review_decision_action"),
        ),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_review_decision_undone")
        ),
        sa.ForeignKeyConstraint(
            ["review_id"], ["geocode_review.id"], name=op.f("fk_review_decision_review_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_decision")),
    )
    op.create_index(op.f("ix_review_decision_called"), "review_decision", ["called"], unique=False)
    op.create_index(
        "uq_review_decision_review_id_actor_standing",
        "review_decision",
        ["review_id", "actor"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    for table in READ_WITH:
        for event in SEEN:
            op.execute(f"DROP TRIGGER gazetteer_{event.lower()} ON {table}")
    op.execute("DROP FUNCTION gazetteer_changed()")
    for table in (
        "review_decision",
        "geocoded_row",
        "geocode_review",
        "gazetteer_change",
        "alias",
    ):
        op.drop_table(table)
