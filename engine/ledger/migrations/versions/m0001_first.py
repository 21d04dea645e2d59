"""Entries, the texts they refer to, the head; and the guards that let them only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ONLY = "the ledger is append-only"
_NEXT = "an entry follows the last one"


def upgrade() -> None:
    op.create_table(
        "texts",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("key", sa.Text, unique=True),
        sa.Column("request", sa.String(64)),
        sa.Column("holder", sa.Text),
        sa.Column("park", sa.Text),
        sa.Column("provider", sa.Text),
        sa.Column("measure", sa.Text),
        sa.Column("target", sa.Integer, sa.ForeignKey("entries.seq")),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("prev", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )
    op.create_index("entries_by_holder", "entries", ["holder", "kind"])
    op.create_index("entries_by_park", "entries", ["park"])
    op.create_index("entries_by_provider", "entries", ["provider", "measure"])
    op.create_index("entries_by_target", "entries", ["target", "kind"])
    only = sa.text("kind = 'reversal'")
    op.create_index("one_reversal", "entries", ["target"], unique=True, sqlite_where=only, postgresql_where=only)
    op.create_table(
        "head",
        sa.Column(
            "id", sa.Integer, sa.CheckConstraint("id = 1", name="one_head"), primary_key=True, autoincrement=False
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.execute(f"INSERT INTO head (id, seq, hash) VALUES (1, 0, '{'0' * 64}')")
    for statement in _postgresql() if op.get_bind().dialect.name == "postgresql" else _sqlite():
        op.execute(sa.text(statement))


def downgrade() -> None:
    """A ledger is never taken back to an older shape: nothing in it may be lost."""
    raise NotImplementedError


def _sqlite() -> list[str]:
    def refuse(name: str, event: str, table: str, why: str, when: str = "") -> str:
        condition = f"WHEN {when} " if when else ""
        return f"CREATE TRIGGER {name} BEFORE {event} ON {table} {condition}BEGIN SELECT RAISE(ABORT, '{why}'); END"

    return [
        refuse("entries_no_update", "UPDATE", "entries", _ONLY),
        refuse("entries_no_delete", "DELETE", "entries", _ONLY),
        refuse(
            "entries_follow", "INSERT", "entries", _NEXT,
            "NOT EXISTS (SELECT 1 FROM head WHERE NEW.seq = seq + 1 AND NEW.prev = hash)",
        ),
        "CREATE TRIGGER entries_head AFTER INSERT ON entries BEGIN UPDATE head SET seq = NEW.seq, hash = NEW.hash; END",
        refuse(
            "head_follows", "UPDATE", "head", _NEXT,
            "NEW.id <> 1 OR NEW.seq <> OLD.seq + 1"
            " OR NOT EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq AND hash = NEW.hash AND prev = OLD.hash)",
        ),
        refuse("head_no_delete", "DELETE", "head", _ONLY),
        refuse("head_no_insert", "INSERT", "head", _ONLY),
        refuse("texts_no_update", "UPDATE", "texts", _ONLY),
        refuse("texts_no_delete", "DELETE", "texts", _ONLY),
    ]  # fmt: skip


def _postgresql() -> list[str]:
    def function(name: str, body: str) -> str:
        return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"

    def each(name: str, when: str, table: str, calls: str) -> str:
        return f"CREATE TRIGGER {name} {when} ON {table} FOR EACH ROW EXECUTE FUNCTION {calls}()"

    refuse = f"RAISE EXCEPTION '{_ONLY}';"
    statements = [
        function("ledger_refuse", refuse),
        function(
            "ledger_follow",
            "IF NOT EXISTS (SELECT 1 FROM head WHERE NEW.seq = seq + 1 AND NEW.prev = hash)"
            f" THEN RAISE EXCEPTION '{_NEXT}'; END IF; RETURN NEW;",
        ),
        function("ledger_head", "UPDATE head SET seq = NEW.seq, hash = NEW.hash; RETURN NULL;"),
        function(
            "ledger_head_follows",
            "IF NEW.id <> 1 OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS"
            " (SELECT 1 FROM entries WHERE seq = NEW.seq AND hash = NEW.hash AND prev = OLD.hash)"
            f" THEN RAISE EXCEPTION '{_NEXT}'; END IF; RETURN NEW;",
        ),
        each("entries_no_update", "BEFORE UPDATE", "entries", "ledger_refuse"),
        each("entries_no_delete", "BEFORE DELETE", "entries", "ledger_refuse"),
        each("entries_follow", "BEFORE INSERT", "entries", "ledger_follow"),
        each("entries_head", "AFTER INSERT", "entries", "ledger_head"),
        each("head_follows", "BEFORE UPDATE", "head", "ledger_head_follows"),
        each("head_no_delete", "BEFORE DELETE", "head", "ledger_refuse"),
        each("head_no_insert", "BEFORE INSERT", "head", "ledger_refuse"),
        each("texts_no_update", "BEFORE UPDATE", "texts", "ledger_refuse"),
        each("texts_no_delete", "BEFORE DELETE", "texts", "ledger_refuse"),
    ]
    # Emptying a table at a stroke fires no trigger of a row.
    return statements + [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION ledger_refuse()"
        for table in ("entries", "head", "texts")
    ]
