-- name: find_task_to_follow(id, account_id)^
-- An account's task, and the number of its latest event at the same moment.
SELECT tasks.*, (SELECT COALESCE(max(events.id), 0) FROM events WHERE task_id = tasks.id) AS latest
FROM tasks WHERE id = :id AND account_id = :account_id;

-- name: find_events(task_id, after)
-- A task's events after a number.
SELECT * FROM events WHERE task_id = :task_id AND id > :after ORDER BY id;

-- name: trim_events(seconds, most)$
-- Delete the events of tasks that ended long ago; returns their number.
WITH gone AS (
    DELETE FROM events WHERE task_id IN (
        SELECT task_id FROM events
        WHERE state IN ('success', 'fail') AND at < now() - make_interval(secs => :seconds)
        ORDER BY at LIMIT :most
    )
    RETURNING 1
)
SELECT count(*) FROM gone;
