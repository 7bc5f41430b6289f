-- name: read_lines(most)
-- The first tasks that wait for either lane of this machine's engine, and those that wait to be dispatched or for a hosted
-- provider, each in the order of their turns. Tasks that are to be tried again later, for example because the storage is
-- away, are left out.
(SELECT entrypoint, convert_from(payload, 'UTF8') AS task_id, -priority AS turn FROM pgqueuer
 WHERE entrypoint = 'engine' AND status = 'queued' AND execute_after <= now()
 ORDER BY priority DESC, id LIMIT :most)
UNION ALL
(SELECT entrypoint, convert_from(payload, 'UTF8'), -priority FROM pgqueuer
 WHERE entrypoint = 'engine_long' AND status = 'queued' AND execute_after <= now()
 ORDER BY priority DESC, id LIMIT :most)
UNION ALL
(SELECT 'dispatch', task_id, turn
 FROM ((SELECT convert_from(payload, 'UTF8') AS task_id, -priority AS turn FROM pgqueuer
        WHERE entrypoint = 'dispatch' AND status = 'queued'
        ORDER BY priority DESC, id LIMIT :most)
       UNION ALL
       (SELECT id, turn FROM waiting_tasks WHERE called_at IS NULL ORDER BY turn LIMIT :most)) AS line
 ORDER BY turn LIMIT :most);

-- name: count_long_running()$
-- How many tasks are in the engines' long lanes.
SELECT count(*) FROM pgqueuer WHERE entrypoint = 'engine_long' AND status = 'picked';

-- name: list_running(most)
-- The open tasks that a provider has, and since when; the latest first.
SELECT task_id, provider, started_at FROM open_attempts ORDER BY started_at DESC LIMIT :most;

-- name: read_durations(most, long)
-- The durations of successful tasks among the latest attempts, by provider and model, in seconds: the median, and the means of
-- those that took at most `long` and of those that took longer.
SELECT provider, model, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS median,
       count(*) FILTER (WHERE seconds <= :long) AS short_tasks, avg(seconds) FILTER (WHERE seconds <= :long) AS short_mean,
       count(*) FILTER (WHERE seconds > :long) AS long_tasks, avg(seconds) FILTER (WHERE seconds > :long) AS long_mean
FROM (
    SELECT task_id, provider, state, extract(epoch FROM ended_at - started_at)::float8 AS seconds
    FROM attempts ORDER BY id DESC LIMIT :most
) AS latest JOIN tasks ON tasks.id = task_id
WHERE latest.state = 'succeeded'
GROUP BY provider, model;
