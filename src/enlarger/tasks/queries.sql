-- name: insert_task(id, account_id, model, input, param, callback_url, base_url, idempotency_key, request_sha256)^
-- Make a task; no row when its id, or the account's idempotency key, is there already.
INSERT INTO tasks (id, account_id, model, input, param, callback_url, base_url, idempotency_key, request_sha256)
VALUES (:id, :account_id, :model, :input, :param, :callback_url, :base_url, :idempotency_key, :request_sha256)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: find_twin(id, account_id, idempotency_key)^
-- The task that was in the way of an insert: the same one, or the one with the same idempotency key.
SELECT * FROM tasks
WHERE id = :id OR (account_id = :account_id AND idempotency_key = :idempotency_key);

-- name: find_task(id, account_id)^
-- An account's task.
SELECT * FROM tasks WHERE id = :id AND account_id = :account_id;

-- name: list_tasks(account_id, states, model, before, before_id, most)
-- An account's tasks, newest first, from the one that was made before `before` on.
SELECT * FROM tasks
WHERE account_id = :account_id
  AND (created_at, id) < (COALESCE(CAST(:before AS timestamptz), 'infinity'), COALESCE(CAST(:before_id AS text), ''))
  AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
  AND (CAST(:model AS text) IS NULL OR model = :model)
ORDER BY created_at DESC, id DESC
LIMIT :most;

-- name: find_task_to_follow(id, account_id)^
-- An account's task, and the number of its latest event at the same moment.
SELECT tasks.*, (SELECT COALESCE(max(events.id), 0) FROM events WHERE task_id = tasks.id) AS latest
FROM tasks WHERE id = :id AND account_id = :account_id;

-- name: find_events(task_id, after)
-- A task's events from a number on.
SELECT * FROM events WHERE task_id = :task_id AND id > :after ORDER BY id;

-- name: trim_events(seconds, most)!
-- Events of tasks that ended long ago.
DELETE FROM events WHERE task_id IN (
    SELECT task_id FROM events
    WHERE state IN ('success', 'fail') AND at < now() - make_interval(secs => :seconds)
    ORDER BY at LIMIT :most
);

-- name: claim_task(id)^
-- Take a task that has not ended, whoever had it before: from now on only this epoch may write.
UPDATE tasks SET state = 'queuing', epoch = epoch + 1, progress = 0, updated_at = now()
WHERE id = :id AND state IN ('waiting', 'queuing', 'generating')
RETURNING *;

-- name: close_lost_attempts(task_id)!
-- Attempts of earlier claims whose worker never came back.
UPDATE attempts SET state = 'failed', error = 'worker lost', ended_at = now()
WHERE task_id = :task_id AND state IN ('submitting', 'accepted');

-- name: count_lost_attempts(task_id)$
-- How many workers a task has outlived.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND error = 'worker lost';

-- name: insert_attempt(task_id, epoch, provider)!
-- Write down a submission, before it is made.
INSERT INTO attempts (task_id, epoch, provider) VALUES (:task_id, :epoch, :provider)
ON CONFLICT (task_id, epoch) DO NOTHING;

-- name: end_attempt(state, error, task_id, epoch)!
-- What became of a submission.
UPDATE attempts SET state = :state, error = :error, ended_at = now() WHERE task_id = :task_id AND epoch = :epoch;

-- name: start_generating(id, epoch)$
-- The provider is at work.
UPDATE tasks SET state = 'generating', updated_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING 1;

-- name: report_progress(progress, id, epoch)$
-- A sign of life; no row means that the claim is over.
UPDATE tasks SET progress = :progress, updated_at = now()
WHERE id = :id AND epoch = :epoch AND state = 'generating'
RETURNING 1;

-- name: succeed_task(result, id, epoch)^
-- End a task well, if the claim still holds.
UPDATE tasks SET state = 'success', result = :result, progress = 100, updated_at = now(), completed_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING *;

-- name: fail_task(code, message, id, epoch)^
-- End a task badly, if the claim still holds.
UPDATE tasks SET state = 'fail', fail_code = :code, fail_message = :message, updated_at = now(), completed_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING *;

-- name: release_task(id, epoch)$
-- Give a task back unfinished, for another worker.
UPDATE tasks SET state = 'waiting', progress = 0, updated_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING 1;

-- name: claim_ended_as(id, epoch)$
-- The state in which this very claim ended its task; tells a commit that was cut off from a lost claim.
SELECT state FROM tasks WHERE id = :id AND epoch = :epoch;

-- name: cancel_task(code, message, id, account_id)^
-- End a task because its app says so; the new epoch stops the worker that has it.
UPDATE tasks SET state = 'fail', epoch = epoch + 1, fail_code = :code, fail_message = :message,
                 updated_at = now(), completed_at = now()
WHERE id = :id AND account_id = :account_id AND state IN ('waiting', 'queuing', 'generating')
RETURNING *;

-- name: find_forgotten_tasks(seconds, most)
-- Open tasks that nothing in the queue will ever wake.
SELECT tasks.id FROM tasks
WHERE state IN ('waiting', 'queuing', 'generating')
  AND updated_at < now() - make_interval(secs => :seconds)
  AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.dedupe_key = 'dispatch:' || tasks.id)
ORDER BY updated_at
LIMIT :most;

-- name: insert_delivery(task_id)!
-- A callback is owed.
INSERT INTO deliveries (task_id) VALUES (:task_id) ON CONFLICT DO NOTHING;

-- name: find_pending_delivery(task_id)^
-- The task whose callback is still owed, and how often it was tried.
SELECT tasks.*, deliveries.tries FROM deliveries JOIN tasks ON tasks.id = deliveries.task_id
WHERE deliveries.task_id = :task_id AND deliveries.state = 'pending';

-- name: note_delivery(task_id, state, answer)!
-- What a try came to.
UPDATE deliveries SET state = :state, tries = tries + 1, last_answer = :answer, updated_at = now()
WHERE task_id = :task_id AND state = 'pending';

-- name: find_forgotten_deliveries(seconds, most)
-- Callbacks that are owed and that nothing in the queue will ever wake.
SELECT task_id AS id FROM deliveries
WHERE state = 'pending'
  AND updated_at < now() - make_interval(secs => :seconds)
  AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.dedupe_key = 'deliver:' || deliveries.task_id)
ORDER BY updated_at
LIMIT :most;

-- name: insert_file(id, account_id, task_id, key, name, mime_type, size, sha256, expires_at)!
-- Write down a stored file.
INSERT INTO files (id, account_id, task_id, key, name, mime_type, size, sha256, expires_at)
VALUES (:id, :account_id, :task_id, :key, :name, :mime_type, :size, :sha256, :expires_at)
ON CONFLICT (id) DO NOTHING;

-- name: find_file(id)^
-- A stored file that has not expired.
SELECT * FROM files WHERE id = :id AND expires_at > now();

-- name: find_expired_files(most)
-- Files whose time is over, oldest first.
SELECT * FROM files WHERE expires_at <= now() ORDER BY expires_at LIMIT :most;

-- name: delete_file(id)!
-- Forget a file that is no longer stored.
DELETE FROM files WHERE id = :id;

-- name: trim_queue_log(days)!
-- PgQueuer writes down what it did, for ever.
DELETE FROM pgqueuer_log WHERE created < now() - make_interval(days => :days);

-- name: insert_account(id)!
-- Make an account, if it is not there.
INSERT INTO accounts (id) VALUES (:id) ON CONFLICT DO NOTHING;

-- name: insert_key(sha256, last4, account_id, source)!
-- Let a key in, also one that was revoked before.
INSERT INTO api_keys (sha256, last4, account_id, source) VALUES (:sha256, :last4, :account_id, :source)
ON CONFLICT (sha256) DO UPDATE SET revoked_at = NULL;

-- name: revoke_other_keys(account_id, source, sha256)!
-- Of the keys that one source makes for an account, only this one is valid.
UPDATE api_keys SET revoked_at = now()
WHERE account_id = :account_id AND source = :source AND sha256 <> :sha256 AND revoked_at IS NULL;

-- name: find_account_by_key(sha256)$
-- Whose key it is.
SELECT account_id FROM api_keys WHERE sha256 = :sha256 AND revoked_at IS NULL;

-- name: make_secret(name, value)!
-- Set a shared secret, unless another process was first.
INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING;

-- name: find_secret(name)$
-- A shared secret.
SELECT value FROM secrets WHERE name = :name;
