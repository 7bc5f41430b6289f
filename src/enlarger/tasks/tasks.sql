-- name: insert_task(id, account_id, key_sha256, model, input, param, callback_url, base_url, idempotency_key, request_sha256, credits_reserved, answer_seconds, trace_parent, pixels, weight)^
-- Create a task; no row when its id, or the account's idempotency key, exists. Its turn begins where that of the account's
-- last waiting task ends, and not before that of the task that started last, so that accounts with waiting tasks take
-- turns; it lasts for one turn divided by the account's weight.
INSERT INTO tasks (id, account_id, key_sha256, model, input, param, callback_url, base_url, idempotency_key,
                   request_sha256, credits_reserved, answered_by, trace_parent, pixels, turn, turn_end)
SELECT :id, :account_id, :key_sha256, :model, :input, :param, :callback_url, :base_url,
       encode(sha256(convert_to(:idempotency_key, 'UTF8')), 'hex'),
       :request_sha256, :credits_reserved, now() + make_interval(secs => :answer_seconds), :trace_parent, :pixels,
       floor(begin + 0.000001)::bigint, begin + 1 / :weight::float8  -- three thirds are a whole turn
FROM (
    SELECT greatest((SELECT last_value FROM turns), (
        SELECT max(coalesce(turn_end, turn + 1)) FROM tasks
        WHERE account_id = :account_id AND state IN ('waiting', 'queuing') AND turn = (
            SELECT max(turn) FROM tasks WHERE account_id = :account_id AND state IN ('waiting', 'queuing')
        )
    )) AS begin
) AS next
ON CONFLICT DO NOTHING
RETURNING *;

-- name: begin_turn(turn)^
-- Record that a task with this turn starts.
SELECT setval('turns', :turn::bigint) FROM turns WHERE last_value < :turn::bigint;

-- name: is_queued(entrypoint, id)$
-- Whether a task has a row in the queue, whether or not a worker has picked it.
SELECT is_queued(:entrypoint, :id);

-- name: find_turn(id)$
-- A task's turn.
SELECT turn FROM tasks WHERE id = :id;

-- name: wait_briefly()!
-- For the rest of the transaction do not wait long for others' locks.
SET LOCAL lock_timeout = '5s';

-- name: find_existing(id, account_id, idempotency_key)^
-- The task that an insert conflicted with: by its id, or by its idempotency key.
SELECT * FROM tasks
WHERE id = :id OR (
    account_id = :account_id AND idempotency_key = encode(sha256(convert_to(:idempotency_key, 'UTF8')), 'hex')
);

-- name: find_task(id, account_id)^
-- An account's task.
SELECT * FROM tasks WHERE id = :id AND account_id = :account_id;

-- name: find_any_task(id)^
-- A task of any account.
SELECT * FROM tasks WHERE id = :id;

-- name: list_tasks(account_id, states, model, before, before_id, most)
-- An account's tasks, newest first, from the one that was made before `before` on.
SELECT * FROM tasks
WHERE account_id = :account_id
  AND (created_at, id) < (COALESCE(CAST(:before AS timestamptz), 'infinity'), COALESCE(CAST(:before_id AS text), ''))
  AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
  AND (CAST(:model AS text) IS NULL OR model = :model)
ORDER BY created_at DESC, id DESC
LIMIT :most;

-- name: trim_tasks(seconds, most)$
-- Delete tasks that ended long ago with all their rows, but none that has a file or a pending callback left; returns
-- their number. The ledger keeps its lines.
WITH old AS (
    SELECT id FROM tasks
    WHERE completed_at < now() - make_interval(secs => :seconds)
      AND NOT EXISTS (SELECT FROM files WHERE files.task_id = tasks.id)
      AND NOT EXISTS (SELECT FROM deliveries WHERE deliveries.task_id = tasks.id AND deliveries.state = 'pending')
    ORDER BY completed_at LIMIT :most
    FOR UPDATE SKIP LOCKED
), events_gone AS (
    DELETE FROM events USING old WHERE events.task_id = old.id
), attempts_gone AS (
    DELETE FROM attempts USING old WHERE attempts.task_id = old.id
), deliveries_gone AS (
    DELETE FROM deliveries USING old WHERE deliveries.task_id = old.id
), gone AS (
    DELETE FROM tasks USING old WHERE tasks.id = old.id RETURNING 1
)
SELECT count(*) FROM gone;

-- name: start_generating(id, epoch)$
-- Show that the provider is at work.
UPDATE tasks SET state = 'generating', updated_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING 1;

-- name: report_progress(progress, id, epoch)$
-- Record progress; no row means that the claim is over.
UPDATE tasks SET progress = :progress, updated_at = now()
WHERE id = :id AND epoch = :epoch AND state = 'generating'
RETURNING 1;

-- name: release_task(id, epoch)$
-- Release an unfinished task for another worker.
UPDATE tasks SET state = 'waiting', progress = 0, updated_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING 1;

-- name: find_forgotten_tasks(seconds, most)
-- Open tasks that have no job in the queue, wait for no provider, and that no hosted provider has.
SELECT id, turn FROM open_tasks
WHERE updated_at < now() - make_interval(secs => :seconds)
  AND waits_for IS NULL
  AND NOT is_queued('dispatch', id)
  AND NOT is_queued('engine', id)
  AND NOT is_queued('engine_long', id)
  AND NOT EXISTS (SELECT FROM open_attempts WHERE task_id = open_tasks.id
                  AND open_attempts.state <> 'submitting' AND provider <> 'local')
ORDER BY updated_at
LIMIT :most;

-- name: trim_queue_log(days)!
-- Delete old lines of PgQueuer's log, which it keeps for ever.
DELETE FROM pgqueuer_log WHERE created < now() - make_interval(days => :days);
