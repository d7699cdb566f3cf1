"""add email

Revision ID: 2c7c62500fc3
Revises: fa0c9244d754
Create Date: 2024-05-02 12:00:00.102938

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


revision: str = '2c7c62500fc3'
down_revision: Union[str, Sequence[str], None] = 'fa0c9244d754'
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.add_column("users", sa.Column("email", sa.Text()))
    with op.get_context().autocommit_block():
        op.create_index("users_email", "users", ["email"], unique=True, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_column("users", "email")
