-- name: succeed_task(id, epoch, result)^
-- Complete a task: with an epoch only if that claim still holds, else whoever has it. From now on no claim may write.
UPDATE open_tasks SET state = 'success', result = :result, progress = 100,
                      epoch = coalesce(:epoch::int, epoch + 1), waits_for = NULL, called_at = NULL,
                      updated_at = now(), completed_at = now()
WHERE id = :id AND (:epoch::int IS NULL OR (epoch = :epoch::int AND state <> 'waiting'))
RETURNING *;

-- name: fail_task(id, epoch, code, message)^
-- Fail a task, in the same way.
UPDATE open_tasks SET state = 'fail', fail_code = :code, fail_message = :message,
                      epoch = coalesce(:epoch::int, epoch + 1), waits_for = NULL, called_at = NULL,
                      updated_at = now(), completed_at = now()
WHERE id = :id AND (:epoch::int IS NULL OR (epoch = :epoch::int AND state <> 'waiting'))
RETURNING *;

-- name: claim_ended_as(id, epoch)$
-- The state in which this very claim ended its task; tells a commit that was cut off from a lost claim.
SELECT state FROM tasks WHERE id = :id AND epoch = :epoch;

-- name: end_local_attempt(state, error, code, final, seconds, task_id, epoch)!
-- Record how an attempt of this machine's engine ended, with an epoch only if it is of that claim. Its time is added to the
-- account's engine seconds: `seconds`, or the attempt's whole duration if that is null. An attempt that is not final will
-- be repeated, and is not counted.
WITH ended AS (
    UPDATE attempts SET state = :state, error = :error, error_code = :code, final = :final, ended_at = now()
    WHERE task_id = :task_id AND (:epoch::int IS NULL OR epoch = :epoch::int) AND provider = 'local' AND ended_at IS NULL
    RETURNING task_id, started_at
)
UPDATE accounts SET
    engine_day = date_trunc('day', now(), 'UTC'),
    engine_seconds = CASE WHEN engine_day = date_trunc('day', now(), 'UTC') THEN engine_seconds ELSE 0 END +
        coalesce(:seconds::float8, extract(epoch FROM now() - ended.started_at)::float8)
FROM ended JOIN tasks ON tasks.id = ended.task_id
WHERE accounts.id = tasks.account_id AND :final::bool;

-- name: abandon_cancelled(task_id)!
-- Abandon the attempts of hosted providers, because the app has cancelled the task.
UPDATE open_attempts SET abandoned_at = now(), error = 'cancelled',
    next_poll_at = CASE WHEN report IS NULL AND provider_task_id IS NOT NULL THEN now() ELSE next_poll_at END
WHERE task_id = :task_id AND provider <> 'local';

-- name: may_be_paid(task_id)$
-- Whether a hosted provider was, or may have been, paid for a task.
SELECT EXISTS (SELECT FROM paid_attempts WHERE task_id = :task_id);

-- name: hold_task(id)!
-- Lock a task until the end of this transaction.
SELECT FROM tasks WHERE id = :id FOR UPDATE;

-- name: find_unpaid_cancelled(id, code)^
-- A task that was cancelled and charged, and for which no hosted provider was, or may have been, paid.
SELECT * FROM tasks
WHERE id = :id AND state = 'fail' AND fail_code = :code AND credits_consumed > 0
  AND NOT EXISTS (SELECT FROM paid_attempts WHERE task_id = :id);
