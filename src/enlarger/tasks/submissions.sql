-- name: lock_task(id)^
-- Find and lock an open task.
SELECT * FROM open_tasks WHERE id = :id FOR UPDATE;

-- name: claim_for_dispatch(id)^
-- Claim an open task that nobody has for dispatch: from now on only this epoch may submit.
UPDATE open_tasks SET state = CASE state WHEN 'generating' THEN state ELSE 'queuing' END, epoch = epoch + 1,
                      waits_for = NULL, called_at = NULL, updated_at = now()
WHERE id = :id AND NOT EXISTS (SELECT FROM open_attempts WHERE task_id = :id)
RETURNING *;

-- name: find_open_attempt(task_id)^
-- A task's open attempt; there is at most one.
SELECT * FROM open_attempts WHERE task_id = :task_id;

-- name: skip_provider(task_id, epoch, provider, error)!
-- Record why a provider was skipped; each reason once, and none that the provider has given itself.
INSERT INTO attempts (task_id, epoch, provider, state, error, final, ended_at)
SELECT :task_id, :epoch, :provider, 'skipped', :error, false, now()
WHERE NOT EXISTS (SELECT FROM attempts WHERE task_id = :task_id AND provider = :provider
                  AND state IN ('skipped', 'failed') AND error = :error);

-- name: lock_provider(provider)^
-- Lock the provider: until the transaction ends nobody else submits to it.
SELECT pg_advisory_xact_lock(hashtext('submit to ' || :provider));

-- name: find_place(id, provider)^
-- Lock an open task; its epoch, how many of the provider's submissions are open, and whether a task with an earlier turn
-- waits for the provider.
SELECT epoch, (SELECT count(*) FROM open_attempts WHERE provider = :provider) AS running,
       EXISTS (SELECT FROM waiting_tasks AS other
               WHERE other.waits_for = :provider AND other.turn < open_tasks.turn) AS behind
FROM open_tasks WHERE id = :id FOR UPDATE;

-- name: count_running(provider)$
-- How many of a provider's submissions are open.
SELECT count(*) FROM open_attempts WHERE provider = :provider;

-- name: find_attempt_by_reference(reference)^
-- The attempt with this reference.
SELECT * FROM attempts WHERE reference = :reference;

-- name: begin_submission(task_id, epoch, turn, provider, reference, request, dollars, deadline, trace_parent)^
-- Record a submission to a hosted provider before it is made, and that a task with this turn starts.
INSERT INTO attempts (task_id, epoch, provider, reference, request, dollars, reserved, deadline_at, trace_parent)
SELECT :task_id, :epoch, :provider, :reference, :request, :dollars::numeric, :dollars::numeric,
       now() + make_interval(secs => :deadline), :trace_parent
FROM (SELECT count(setval('turns', :turn::bigint)) FROM turns WHERE last_value < :turn::bigint) AS started
RETURNING *;

-- name: note_accepted(id, provider_task_id, seconds)!
-- Record that a provider accepted a task, also where that was unknown before, and show it.
WITH accepted AS (
    UPDATE attempts SET
        state = 'accepted', provider_task_id = :provider_task_id, accepted_at = now(), error = NULL,
        next_poll_at = CASE WHEN webhook IS NULL THEN now() + make_interval(secs => :seconds) ELSE now() END
    WHERE id = :id AND state IN ('submitting', 'unknown')
    RETURNING task_id, abandoned_at
)
UPDATE tasks SET state = 'generating', updated_at = now()
FROM accepted
WHERE tasks.id = accepted.task_id AND accepted.abandoned_at IS NULL AND tasks.state IN ('waiting', 'queuing');

-- name: note_unknown(id, error, seconds)^
-- Record that it is unknown whether a provider has a task.
UPDATE attempts SET state = 'unknown', error = :error,
                    next_poll_at = CASE WHEN webhook IS NULL THEN now() + make_interval(secs => :seconds) ELSE now() END
WHERE id = :id AND state IN ('submitting', 'accepted') AND report IS NULL
RETURNING *;

-- name: note_refused(id, error, code, final)^
-- Record that a provider surely does not have a task.
UPDATE attempts SET state = 'failed', error = :error, error_code = :code, final = :final, next_poll_at = NULL,
                    ended_at = now()
WHERE id = :id AND state IN ('submitting', 'unknown')
RETURNING *;

-- name: note_lost(error, seconds)!
-- Mark the submissions of ended tasks whose workers died as unknown.
UPDATE attempts SET state = 'unknown', error = :error, next_poll_at = now()
WHERE state = 'submitting' AND provider <> 'local' AND abandoned_at IS NOT NULL
  AND started_at < now() - make_interval(secs => :seconds);
