"""Terms of posts are known by grid, post, seat and first day; files need no number of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# {event: (which rows, what tells of them)}: as 0005 has them, but for what a term is known by.
TERM = "'term', n.{key}, 'grid', n.grid_code, 'role', n.role"
SPAN = "'valid_from', lower(n.valid), 'valid_to', upper(n.valid)"
TOLD = {
    "insert": ("new_rows AS n", f"'event', 'new', {TERM}, {SPAN}"),
    "update": (
        "new_rows AS n JOIN old_rows AS o USING (id) WHERE n IS DISTINCT FROM o",
        f"'event', 'changed', {TERM}, {SPAN}",
    ),
    "delete": ("old_rows AS n", f"'event', 'removed', {TERM}"),
}


def _tell(key: str) -> None:
    for event, (rows, told) in TOLD.items():
        body = told.format(key=key)
        op.execute(
            f"""
            CREATE OR REPLACE FUNCTION post_term_{event}_told() RETURNS trigger
            LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO change (kind, body)
            SELECT 'post', jsonb_build_object({body}) FROM {rows} ORDER BY n.id;
            RETURN NULL; END $$
            """  # noqa: S608 - ours
        )


def upgrade() -> None:
    op.drop_constraint("ex_post_term_grid_member_valid", "post_term")
    op.drop_constraint("ex_post_term_grid_role_valid", "post_term")
    op.add_column("post_term", sa.Column("seat", sa.Text(), server_default="", nullable=False))
    op.execute(
        "UPDATE post_term AS p SET seat = coalesce("
        "(SELECT c.external_id FROM cadre AS c WHERE c.id = p.cadre_id), p.holder) "
        "WHERE p.role = 'member'"
    )
    op.drop_column("post_term", "external_id")
    op.create_check_constraint(
        op.f("ck_post_term_seat"), "post_term", "(role = 'member') = (seat <> '')"
    )
    op.create_exclude_constraint(
        "ex_post_term_grid_role_seat_valid",
        "post_term",
        (sa.column("grid_code"), "="),
        (sa.column("role"), "="),
        (sa.column("seat"), "="),
        (sa.column("valid"), "&&"),
        using="gist",
    )
    _tell("id")


def downgrade() -> None:
    op.drop_constraint("ex_post_term_grid_role_seat_valid", "post_term")
    op.drop_constraint(op.f("ck_post_term_seat"), "post_term")
    op.drop_column("post_term", "seat")
    op.add_column("post_term", sa.Column("external_id", sa.Text(), nullable=True))
    op.execute("UPDATE post_term SET external_id = id::text")
    op.alter_column("post_term", "external_id", nullable=False)
    op.create_unique_constraint(op.f("uq_post_term_external_id"), "post_term", ["external_id"])
    op.create_exclude_constraint(
        "ex_post_term_grid_member_valid",
        "post_term",
        (sa.column("grid_code"), "="),
        (sa.column("cadre_id"), "="),
        (sa.column("valid"), "&&"),
        where=sa.text("role = 'member'"),
        using="gist",
    )
    op.create_exclude_constraint(
        "ex_post_term_grid_role_valid",
        "post_term",
        (sa.column("grid_code"), "="),
        (sa.column("role"), "="),
        (sa.column("valid"), "&&"),
        where=sa.text("role <> 'member'"),
        using="gist",
    )
    _tell("external_id")
