"""The rows that were there before 0005 meet its foreign keys, too; reading goes on meanwhile."""

from alembic import op

revision, down_revision = "0013", "0012"

VALIDATED = {
    "organization_member": "fk_organization_member_role",
    "organization": "fk_organization_owner_id",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, constraint in VALIDATED.items():
        op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")
