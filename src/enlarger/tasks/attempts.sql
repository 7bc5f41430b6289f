-- name: claim_task(id)^
-- Claim an open task for this machine's engine, whatever worker had it before: from now on only this epoch may write.
-- No row when a hosted provider has it.
UPDATE open_tasks SET state = 'queuing', epoch = epoch + 1, progress = 0, updated_at = now()
WHERE id = :id AND NOT EXISTS (SELECT FROM open_attempts WHERE task_id = :id AND provider <> 'local')
RETURNING *;

-- name: close_lost_attempts(task_id)!
-- Fail the attempts of earlier claims on this machine, whose workers died.
UPDATE unfinished_attempts SET state = 'failed', error = 'worker lost', final = false, ended_at = now()
WHERE task_id = :task_id AND provider = 'local';

-- name: count_lost_attempts(task_id)$
-- How many workers have died while they had the task.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND error = 'worker lost';

-- name: insert_attempt(task_id, epoch, provider)!
-- Record that this machine's engine begins.
INSERT INTO attempts (task_id, epoch, provider) VALUES (:task_id, :epoch, :provider);

-- name: remove_attempt(task_id, epoch)!
-- Delete the attempt of a claim under which the engine was not started.
DELETE FROM attempts WHERE task_id = :task_id AND epoch = :epoch AND provider = 'local' AND ended_at IS NULL;

-- name: find_attempts(task_id)
-- A task's attempts, in their order.
SELECT * FROM attempts WHERE task_id = :task_id ORDER BY id;

-- name: find_attempt(id)^
-- An attempt.
SELECT * FROM attempts WHERE id = :id;

-- name: show_generating(id)!
-- Show a task as generating, from the moment in which a provider may have it.
UPDATE tasks SET state = 'generating', updated_at = now() WHERE id = :id AND state IN ('waiting', 'queuing');

-- name: find_provider_task(task_id, provider)^
-- The id that a provider gave to a task that it has carried out; no row when another provider has.
SELECT provider_task_id FROM attempts
WHERE task_id = :task_id AND provider = :provider AND state = 'succeeded' AND abandoned_at IS NULL;

-- name: find_taken(provider, model, seconds)
-- The ids that a provider gave to the latest tasks of a model.
SELECT provider_task_id FROM attempts JOIN tasks ON tasks.id = attempts.task_id
WHERE provider = :provider AND model = :model AND provider_task_id IS NOT NULL
  AND attempts.started_at > now() - make_interval(secs => :seconds);

-- name: is_taken(provider, provider_task_id)$
-- Whether a provider's task belongs to a known attempt.
SELECT EXISTS (SELECT FROM attempts WHERE provider = :provider AND provider_task_id = :provider_task_id);
