"""create users

Revision ID: fa0c9244d754
Revises:
Create Date: 2024-05-01 12:00:00.958651

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


revision: str = 'fa0c9244d754'
down_revision: Union[str, Sequence[str], None] = None
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("users")
