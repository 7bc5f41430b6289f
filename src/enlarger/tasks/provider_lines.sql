-- name: let_task_wait(id, epoch, provider)$
-- Let a claimed task wait for a provider.
UPDATE open_tasks SET waits_for = :provider, called_at = NULL, updated_at = now()
WHERE id = :id AND epoch = :epoch
RETURNING 1;

-- name: read_line(provider, lasts, rate, seconds)^
-- Whether tasks wait for a provider, how many of them were called recently, how many tasks it has, and how many it was
-- sent in the last seconds.
SELECT EXISTS (SELECT FROM waiting_tasks WHERE waits_for = :provider) AS waiting,
       (SELECT count(*) FROM waiting_tasks
        WHERE waits_for = :provider AND called_at > now() - make_interval(secs => :lasts)) AS called,
       (SELECT count(*) FROM open_attempts WHERE provider = :provider) AS running,
       (SELECT count(*) FROM rate_limits, unnest(times) AS t
        WHERE name = :rate AND t > clock_timestamp() - make_interval(secs => :seconds)) AS submitted;

-- name: call_waiting_tasks(provider, places, lasts)
-- Call the first tasks that wait for a provider and were not called recently; of those with the same turn the oldest.
WITH first AS MATERIALIZED (  -- picked once: a plan that picks for every row would pick others each time
    SELECT id FROM waiting_tasks
    WHERE waits_for = :provider AND (called_at IS NULL OR called_at <= now() - make_interval(secs => :lasts))
    ORDER BY turn, created_at LIMIT :places FOR UPDATE SKIP LOCKED
)
UPDATE tasks SET called_at = now() FROM first WHERE tasks.id = first.id
RETURNING tasks.id, tasks.turn;
