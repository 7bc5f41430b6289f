"""The queries to a trial's database, and the triggers that record its history for the verdict."""

HISTORY = """
CREATE TABLE seen_attempts (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id bigint, task_id text, state text, error text, abandoned boolean, task_state text,
    at timestamptz DEFAULT clock_timestamp()
);
CREATE FUNCTION see_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen_attempts (attempt_id, task_id, state, error, abandoned, task_state)
    SELECT NEW.id, NEW.task_id, NEW.state, NEW.error, NEW.abandoned_at IS NOT NULL, tasks.state
    FROM tasks WHERE tasks.id = NEW.task_id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER see_birth AFTER INSERT ON attempts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION see_attempt();
CREATE CONSTRAINT TRIGGER see_change AFTER UPDATE OF state, abandoned_at ON attempts DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.state, OLD.abandoned_at) IS DISTINCT FROM (NEW.state, NEW.abandoned_at))
    EXECUTE FUNCTION see_attempt();
"""
"""Every state that an attempt has ever been in, and its task at the commit that brought it there."""
BUSY = """
SELECT count(*) AS busy FROM tasks WHERE state NOT IN ('success', 'fail')
AND NOT EXISTS (SELECT FROM attempts WHERE task_id = tasks.id AND attempts.state = 'unknown')
"""
"""Tasks that are being processed; others wait until the fate of a submission is known."""
LEFT = """
SELECT (SELECT count(*) FROM tasks WHERE state NOT IN ('success', 'fail')) AS open,
       (SELECT count(*) FROM deliveries WHERE state = 'pending') AS owed,
       ARRAY(SELECT id || ' ' || state || ' ' || coalesce(provider_task_id, '') || ' ' || (report IS NOT NULL)
                    || ' ' || (abandoned_at IS NOT NULL)
             FROM attempts WHERE state IN ('submitting', 'accepted', 'unknown') ORDER BY id) AS attempts
"""
