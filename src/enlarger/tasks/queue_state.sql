-- name: read_queue()
-- The queue by entrypoint: how many rows are due, for how long the oldest has been, and how many a worker has.
SELECT entrypoint,
       count(*) FILTER (WHERE status = 'queued' AND execute_after <= now()) AS due,
       count(*) FILTER (WHERE status = 'queued' AND execute_after > now()) AS later,
       count(*) FILTER (WHERE status = 'picked') AS held,
       extract(epoch FROM now() - min(execute_after) FILTER (WHERE status = 'queued' AND execute_after <= now()))::float8
           AS oldest
FROM pgqueuer
GROUP BY entrypoint ORDER BY entrypoint;

-- name: read_open_tasks(most)
-- Open tasks by model and by the provider that has them, with their states, and the age of the oldest in seconds; the most
-- numerous first.
SELECT open_tasks.model, provider, count(*) AS tasks,
       count(*) FILTER (WHERE open_tasks.state = 'waiting') AS waiting,
       count(*) FILTER (WHERE open_tasks.state = 'queuing') AS queuing,
       count(*) FILTER (WHERE open_tasks.state = 'generating') AS generating,
       extract(epoch FROM now() - min(open_tasks.created_at))::float8 AS oldest
FROM open_tasks LEFT JOIN open_attempts ON open_attempts.task_id = open_tasks.id
GROUP BY open_tasks.model, provider
ORDER BY count(*) DESC, open_tasks.model, provider
LIMIT :most;

-- name: list_workers(prefix)
-- The connections by which workers listen: where from, since when, and the seconds since each was last heard.
SELECT application_name AS name, host(client_addr) AS address, backend_start AS since,
       greatest(extract(epoch FROM clock_timestamp() - coalesce(state_change, backend_start)), 0)::float8 AS silent
FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, :prefix)
ORDER BY backend_start;

-- name: list_held(most)
-- The rows of the queue that workers have, the oldest first, with their task: who has each, and for how many seconds.
SELECT entrypoint, left(queue_manager_id::text, 8) AS holder,
       CASE entrypoint WHEN 'collect' THEN (SELECT task_id FROM attempts WHERE attempts.id = convert_from(payload, 'UTF8')::bigint)
            ELSE convert_from(payload, 'UTF8') END AS task_id,
       extract(epoch FROM now() - updated)::float8 AS seconds,
       extract(epoch FROM now() - heartbeat)::float8 AS silent
FROM pgqueuer WHERE status = 'picked'
ORDER BY updated LIMIT :most;

-- name: list_unknown(most)
-- Submissions whose fate is unknown while their tasks wait for it, the oldest first.
SELECT open_attempts.id, task_id, account_id, open_tasks.model, provider, error, dollars, started_at, next_poll_at,
       deadline_at
FROM open_attempts JOIN open_tasks ON open_tasks.id = task_id
WHERE open_attempts.state = 'unknown'
ORDER BY started_at LIMIT :most;

-- name: count_unfinished()
-- Attempts whose end nobody knows yet, by provider and state, and the age of the oldest in seconds; those that were
-- abandoned are a state of their own.
SELECT provider, CASE WHEN abandoned_at IS NULL THEN state ELSE 'abandoned' END AS state, count(*) AS attempts,
       extract(epoch FROM now() - min(started_at))::float8 AS oldest
FROM unfinished_attempts
GROUP BY 1, 2;

-- name: count_uncollected()
-- Results that are made and not yet in our storage, by provider, and the seconds until the first of them is deleted there.
SELECT provider, count(*) AS results, extract(epoch FROM min(expires_at) - now())::float8 AS expires_in
FROM attempts WHERE state = 'accepted' AND report IS NOT NULL
GROUP BY provider;
