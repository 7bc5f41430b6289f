-- name: count_states()
-- How many tasks are in each state.
SELECT state, count(*) AS tasks FROM tasks GROUP BY state ORDER BY state;

-- name: count_unsubmitted()$
-- How many open tasks no provider is known to have. Read from a database of any version: early ones lack a column.
SELECT count(*) FROM tasks
WHERE state IN ('waiting', 'queuing', 'generating')
  AND NOT EXISTS (SELECT FROM attempts WHERE task_id = tasks.id AND attempts.state IN ('submitting', 'accepted', 'unknown')
                  AND to_jsonb(attempts) ->> 'abandoned_at' IS NULL);

-- name: sum_ledger()
-- What the ledger comes to, by kind.
SELECT kind, sum(credits)::text AS credits FROM ledger GROUP BY kind ORDER BY kind;

-- name: sum_balances()$
-- What all accounts have.
SELECT coalesce(sum(balance), 0)::text FROM accounts;

-- name: note_interrupted(error)
-- Record that it is unknown whether providers have what was being submitted; they are to be asked now.
UPDATE attempts SET state = 'unknown', error = :error, next_poll_at = now()
WHERE state = 'submitting' AND provider <> 'local'
RETURNING task_id, abandoned_at;

-- name: find_unsubmitted()
-- Open tasks that no provider is known to have.
SELECT id FROM open_tasks WHERE NOT EXISTS (SELECT FROM open_attempts WHERE task_id = open_tasks.id) ORDER BY created_at;

-- name: leave_lines()!
-- Nobody stands in line before a service that begins.
UPDATE deliveries SET waits_for = NULL WHERE waits_for IS NOT NULL;
