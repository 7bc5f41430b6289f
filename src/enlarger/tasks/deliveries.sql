-- name: insert_delivery(task_id)!
-- Record that a callback is owed.
INSERT INTO deliveries (task_id) VALUES (:task_id) ON CONFLICT DO NOTHING;

-- name: find_pending_delivery(task_id)^
-- The task whose callback is still owed, and how often it was tried since it was last sent anew.
SELECT tasks.*, deliveries.tries - deliveries.earlier_tries AS tries
FROM deliveries JOIN tasks ON tasks.id = deliveries.task_id
WHERE deliveries.task_id = :task_id AND deliveries.state = 'pending';

-- name: note_try(task_id, at, milliseconds, answer, accepted, state, pause, lines)$
-- Record the outcome of a try, once. What another try has settled meanwhile stays settled. Returns whether callbacks wait
-- in any of the lines.
WITH noted AS (
    INSERT INTO delivery_tries (task_id, at, number, milliseconds, answer, accepted)
    SELECT task_id, :at, tries + 1, :milliseconds, :answer, :accepted FROM deliveries WHERE task_id = :task_id
    ON CONFLICT DO NOTHING
    RETURNING task_id, number
), updated AS (
    UPDATE deliveries SET
        tries = noted.number,
        last_answer = :answer,
        updated_at = now(),
        waits_for = NULL,
        state = CASE WHEN :accepted OR state = 'pending' THEN :state ELSE state END,
        next_try_at = now() + make_interval(secs => :pause)
    FROM noted WHERE deliveries.task_id = noted.task_id
)
SELECT EXISTS (SELECT FROM deliveries WHERE waits_for = ANY(:lines::text[]) AND state = 'pending');

-- name: let_delivery_wait(line, task_id)!
-- Put a callback that is due into a line.
UPDATE deliveries SET waits_for = :line, updated_at = now() WHERE task_id = :task_id AND state = 'pending';

-- name: call_waiting_deliveries(lines, places)
-- The first callbacks in each of the lines, as many as it has places for; they leave it.
WITH first AS MATERIALIZED (  -- picked once: a plan that picks for every row would pick others each time
    SELECT waiting.task_id
    FROM unnest(:lines::text[], :places::int[]) AS line (name, places),
         LATERAL (SELECT task_id FROM deliveries WHERE waits_for = line.name AND state = 'pending'
                  ORDER BY next_try_at LIMIT line.places FOR UPDATE SKIP LOCKED) AS waiting
)
UPDATE deliveries SET waits_for = NULL, updated_at = now() FROM first WHERE deliveries.task_id = first.task_id
RETURNING deliveries.task_id;

-- name: find_delayed_deliveries(seconds, most)
-- Callbacks that have stood in a line for so long that those who were to call them may be gone.
SELECT task_id FROM deliveries
WHERE waits_for IS NOT NULL AND state = 'pending' AND updated_at < now() - make_interval(secs => :seconds)
ORDER BY updated_at
LIMIT :most;

-- name: renew_delivery(task_id)!
-- Send a callback again, whatever its state is.
INSERT INTO deliveries (task_id) VALUES (:task_id)
ON CONFLICT (task_id) DO UPDATE SET
    state = 'pending', earlier_tries = deliveries.tries, next_try_at = now(), waits_for = NULL, updated_at = now();

-- name: find_delivery(task_id)^
-- A callback's state.
SELECT state, next_try_at FROM deliveries WHERE task_id = :task_id;

-- name: find_tries(task_id, most)
-- The newest tries to deliver a callback, newest first.
SELECT number, at, milliseconds, answer, accepted FROM delivery_tries
WHERE task_id = :task_id ORDER BY at DESC LIMIT :most;

-- name: trim_tries(seconds, most)$
-- Delete old tries; returns their number.
WITH gone AS (
    DELETE FROM delivery_tries WHERE (task_id, at) IN (
        SELECT task_id, at FROM delivery_tries WHERE at < now() - make_interval(secs => :seconds)
        ORDER BY at LIMIT :most
    )
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: find_forgotten_deliveries(seconds, most)
-- Callbacks that are due, wait in no line, and have no job in the queue.
SELECT task_id AS id FROM deliveries
WHERE state = 'pending'
  AND waits_for IS NULL
  AND next_try_at < now() - make_interval(secs => :seconds)
  AND updated_at < now() - make_interval(secs => :seconds)
  AND NOT is_queued('deliver', task_id)
ORDER BY next_try_at
LIMIT :most;

-- name: count_pending_deliveries()^
-- Callbacks that are owed: those that are due, with the seconds for which the first has been, and those whose next try
-- comes later.
SELECT count(*) FILTER (WHERE next_try_at <= now()) AS due, count(*) FILTER (WHERE next_try_at > now()) AS later,
       coalesce(extract(epoch FROM now() - min(next_try_at) FILTER (WHERE next_try_at <= now())), 0)::float8 AS oldest
FROM deliveries WHERE state = 'pending';
