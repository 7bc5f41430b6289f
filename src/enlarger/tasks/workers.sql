-- name: announce_worker(id, name, runs_engine, problem, engine, device, speed)!
-- Insert a worker, or update what it announces.
INSERT INTO workers (id, name, runs_engine, problem, engine, device, speed)
VALUES (:id, :name, :runs_engine, :problem, :engine, :device, :speed)
ON CONFLICT (id) DO UPDATE SET problem = excluded.problem, engine = excluded.engine, device = excluded.device,
                               speed = excluded.speed, seen_at = now();

-- name: remove_worker(id)!
-- Delete a worker that has stopped, with the tasks that it has declined.
DELETE FROM workers WHERE id = :id;

-- name: trim_workers(seconds)$
-- Delete workers that were not seen for so many seconds; returns how many.
WITH gone AS (
    DELETE FROM workers WHERE seen_at < now() - make_interval(secs => :seconds) RETURNING 1
)
SELECT count(*) FROM gone;

-- name: list_announced_workers(most)
-- The workers, most recently seen first, with the seconds since then.
SELECT id, name, runs_engine, problem, engine, device, speed, since,
       greatest(extract(epoch FROM now() - seen_at), 0)::float8 AS silent
FROM workers
ORDER BY seen_at DESC, id LIMIT :most;

-- name: another_can(task_id, worker_id, seconds)$
-- Whether another worker was seen recently, has an engine that can run, and has not declined the task.
SELECT EXISTS (
    SELECT FROM workers
    WHERE id <> :worker_id AND runs_engine AND problem IS NULL AND seen_at > now() - make_interval(secs => :seconds)
      AND NOT EXISTS (SELECT FROM declined_tasks WHERE task_id = :task_id AND worker_id = workers.id)
);

-- name: cannot_do(task_id, worker_id)$
-- Whether a worker's engine cannot run, or the worker has declined the task.
SELECT EXISTS (SELECT FROM workers WHERE id = :worker_id AND problem IS NOT NULL)
    OR EXISTS (SELECT FROM declined_tasks WHERE task_id = :task_id AND worker_id = :worker_id);

-- name: decline_task(task_id, worker_id)!
-- Record that a worker cannot run a task. Has no effect for a worker that is not announced.
INSERT INTO declined_tasks (task_id, worker_id)
SELECT :task_id, id FROM workers WHERE id = :worker_id
ON CONFLICT DO NOTHING;
