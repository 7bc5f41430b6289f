"""Events: every change of a task's state or progress, for those who follow it; and an index to list tasks by."""

from alembic import op

revision = "0003"
down_revision = "0002"

_SCHEMA = (
    """
    -- Append-only. A task's events are numbered in the order in which they are committed, because whoever writes one
    -- holds the task's row.
    CREATE TABLE events (
        id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        task_id     text NOT NULL REFERENCES tasks,
        state       text NOT NULL,
        progress    smallint NOT NULL,
        at          timestamptz NOT NULL DEFAULT now()
    )
    """,
    """
    CREATE INDEX events_task ON events (task_id, id)
    """,
    """
    -- What the sweep looks for.
    CREATE INDEX events_ended ON events (at) WHERE state IN ('success', 'fail')
    """,
    """
    -- Tasks that were made before have one event each: what they have come to.
    INSERT INTO events (task_id, state, progress, at)
    SELECT id, state, progress, updated_at FROM tasks ORDER BY updated_at
    """,
    """
    CREATE FUNCTION note_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO events (task_id, state, progress) VALUES (NEW.id, NEW.state, NEW.progress);
        PERFORM pg_notify('enlarger_events', NEW.id);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER note_birth AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION note_event()
    """,
    """
    CREATE TRIGGER note_change AFTER UPDATE OF state, progress ON tasks FOR EACH ROW
    WHEN ((OLD.state, OLD.progress) IS DISTINCT FROM (NEW.state, NEW.progress)) EXECUTE FUNCTION note_event()
    """,
    """
    CREATE INDEX tasks_newest ON tasks (account_id, created_at, id)
    """,
)


def upgrade() -> None:
    for statement in _SCHEMA:  # asyncpg takes one statement at a time
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX tasks_newest")
    op.execute("DROP TRIGGER note_change ON tasks")
    op.execute("DROP TRIGGER note_birth ON tasks")
    op.execute("DROP FUNCTION note_event")
    op.execute("DROP TABLE events")
