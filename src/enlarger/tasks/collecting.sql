-- name: find_to_collect(id)^
-- An attempt whose result is to be collected.
SELECT * FROM attempts WHERE id = :id AND state = 'accepted' AND report IS NOT NULL;

-- name: note_uncollected(id, error, counts)$
-- A result could not be collected; how often that was because it could not be fetched. No row when somebody has it.
UPDATE attempts SET error = :error, fetches = fetches + :counts::int
WHERE id = :id AND state = 'accepted' AND report IS NOT NULL
RETURNING fetches;

-- name: is_needed(id)$
-- Whether an attempt's result is waited for.
SELECT EXISTS (SELECT FROM attempts WHERE id = :id AND abandoned_at IS NULL);

-- name: find_uncollected(seconds, most)
-- Results that nothing in the queue will ever collect.
SELECT id FROM attempts
WHERE state = 'accepted' AND report IS NOT NULL AND finished_at < now() - make_interval(secs => :seconds)
  AND NOT is_queued('collect', id::text)
ORDER BY id LIMIT :most;

-- name: note_collected(id)^
-- A result is in our storage; whoever is first has done it.
UPDATE attempts SET state = 'succeeded', error = NULL, ended_at = now()
WHERE id = :id AND state = 'accepted' AND report IS NOT NULL
RETURNING *;

-- name: note_used(id)!
-- A result became its task's, perhaps that of an attempt that was given up before.
UPDATE attempts SET abandoned_at = NULL WHERE id = :id;

-- name: abandon_others(task_id, id)!
-- A task has its result: what else was submitted for it is not needed.
UPDATE open_attempts SET abandoned_at = now(), next_poll_at = CASE WHEN report IS NULL THEN now() END
WHERE task_id = :task_id AND id <> :id;

-- name: note_orphan(id)!
-- A result came when nobody needed it any more.
UPDATE attempts SET abandoned_at = coalesce(abandoned_at, now()) WHERE id = :id;
