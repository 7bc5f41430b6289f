-- name: find_to_collect(id)^
-- An attempt whose result is to be collected.
SELECT * FROM attempts WHERE id = :id AND state = 'accepted' AND report IS NOT NULL;

-- name: note_uncollected(id, error, counts)$
-- Record that a result could not be collected; returns how often it could not be fetched. No row when it has been collected.
UPDATE attempts SET error = :error, fetches = fetches + :counts::int
WHERE id = :id AND state = 'accepted' AND report IS NOT NULL
RETURNING fetches;

-- name: is_needed(id)$
-- Whether an attempt's result is still needed.
SELECT EXISTS (SELECT FROM attempts WHERE id = :id AND abandoned_at IS NULL);

-- name: find_uncollected(seconds, most)
-- Results that nothing in the queue will ever collect.
SELECT id FROM attempts
WHERE state = 'accepted' AND report IS NOT NULL AND finished_at < now() - make_interval(secs => :seconds)
  AND NOT is_queued('collect', id::text)
ORDER BY id LIMIT :most;

-- name: note_collected(id)^
-- Record that a result is in our storage; no row when another worker was first.
UPDATE attempts SET state = 'succeeded', error = NULL, ended_at = now()
WHERE id = :id AND state = 'accepted' AND report IS NOT NULL
RETURNING *;

-- name: note_used(id)!
-- Record that the result of an attempt which had been abandoned became its task's.
UPDATE attempts SET abandoned_at = NULL WHERE id = :id;

-- name: end_other_attempts(task_id, id)!
-- End a task's other attempts, now that it has the result of one: attempts of this machine's engine, which notices by
-- itself, fail; open ones at hosted providers are abandoned.
UPDATE unfinished_attempts SET
    state = CASE provider WHEN 'local' THEN 'failed' ELSE state END,
    error = CASE provider WHEN 'local' THEN 'its task has ended' ELSE error END,
    ended_at = CASE provider WHEN 'local' THEN now() ELSE ended_at END,
    abandoned_at = CASE provider WHEN 'local' THEN abandoned_at ELSE coalesce(abandoned_at, now()) END,
    next_poll_at = CASE WHEN provider <> 'local' AND abandoned_at IS NULL THEN CASE WHEN report IS NULL THEN now() END
                        ELSE next_poll_at END
WHERE task_id = :task_id AND id <> :id;

-- name: note_orphan(id)!
-- Record a result that came when nobody needed it any more.
UPDATE attempts SET abandoned_at = coalesce(abandoned_at, now()) WHERE id = :id;
