-- name: take_due_attempts(provider, most, seconds)
-- Attempts that are to be looked at now, with their tasks' models; nobody else looks at them for so many seconds.
WITH due AS MATERIALIZED (  -- picked once: a plan that picks for every row would pick others each time
    SELECT id FROM attempts WHERE provider = :provider AND next_poll_at <= now()
    ORDER BY next_poll_at LIMIT :most FOR UPDATE SKIP LOCKED
)
UPDATE attempts SET next_poll_at = now() + make_interval(secs => :seconds)
FROM tasks, due
WHERE tasks.id = attempts.task_id AND attempts.id = due.id
RETURNING attempts.*, tasks.model;

-- name: find_next_poll(provider)$
-- Seconds until the next attempt is due for a poll; null when there is none.
SELECT extract(epoch FROM min(next_poll_at) - now())::float8 FROM attempts
WHERE provider = :provider AND next_poll_at IS NOT NULL;

-- name: note_poll(id, seconds, asked, webhook, trouble)!
-- An attempt was looked at and has not ended; news that came meanwhile is looked at right away. An announcement is kept
-- as long as nothing else could name the provider's task.
UPDATE attempts SET
    polls = polls + :asked::int,
    error = CASE WHEN state = 'accepted' AND abandoned_at IS NULL THEN :trouble ELSE error END,
    next_poll_at = CASE WHEN webhook IS DISTINCT FROM :webhook::jsonb THEN now()
                        ELSE now() + make_interval(secs => :seconds) END,
    webhook = CASE WHEN webhook IS DISTINCT FROM :webhook::jsonb OR provider_task_id IS NULL THEN webhook END
WHERE id = :id AND next_poll_at IS NOT NULL;

-- name: show_progress(id, progress)!
-- Record the progress that a provider reported.
UPDATE tasks SET progress = :progress, updated_at = now()
WHERE id = :id AND state = 'generating' AND progress < :progress;

-- name: note_report(id, provider_task_id, report, asked, finished_at, keeps)^
-- Record that a provider reported success: the result is to be collected. Its task is shown as generating.
WITH reported AS (
    UPDATE unfinished_attempts SET
        state = 'accepted',
        provider_task_id = coalesce(provider_task_id, :provider_task_id),
        accepted_at = coalesce(accepted_at, now()),
        error = NULL,
        report = :report,
        polls = polls + :asked::int,
        finished_at = coalesce(:finished_at, now()),
        expires_at = coalesce(:finished_at, now()) + make_interval(secs => :keeps::float8),
        next_poll_at = NULL,
        webhook = NULL
    WHERE id = :id AND report IS NULL
    RETURNING id, task_id, abandoned_at
), shown AS (
    UPDATE tasks SET state = 'generating', updated_at = now()
    FROM reported
    WHERE tasks.id = reported.task_id AND reported.abandoned_at IS NULL AND tasks.state IN ('waiting', 'queuing')
)
SELECT id FROM reported;

-- name: note_failure(id, provider_task_id, error, code, final, asked, reported)^
-- A provider says that it has failed; `reported` is whether it said before that it had succeeded. Who does not know of
-- that brings old or false news.
UPDATE unfinished_attempts SET
    state = 'failed',
    provider_task_id = coalesce(provider_task_id, :provider_task_id),
    error = :error,
    error_code = :code,
    final = :final,
    polls = polls + :asked::int,
    next_poll_at = NULL,
    webhook = NULL,
    ended_at = now()
WHERE id = :id AND (report IS NULL OR :reported::bool)
RETURNING *;

-- name: note_webhook(reference, webhook, channel)^
-- A provider has told something: make the attempt due, and notify the listeners. Nothing happens if its end is known.
WITH noted AS (
    UPDATE unfinished_attempts SET webhook = :webhook, next_poll_at = now()
    WHERE reference = :reference AND report IS NULL
    RETURNING provider
)
SELECT pg_notify(:channel, provider) FROM noted;

-- name: abandon(id, error, seconds, webhook, provider_task_id, certain)^
-- A submission is waited for no longer; if the provider's id of it is known, it is looked at now and then.
-- No row when more is known than there was (an announcement, the provider's id), or by the database's clock its time
-- is not over.
UPDATE open_attempts SET abandoned_at = now(), error = :error, webhook = NULL,
    state = CASE WHEN :certain THEN state ELSE 'unknown' END,
    next_poll_at = CASE WHEN provider_task_id IS NOT NULL THEN now() + make_interval(secs => :seconds) END
WHERE id = :id AND report IS NULL
  AND webhook IS NOT DISTINCT FROM :webhook::jsonb
  AND provider_task_id IS NOT DISTINCT FROM :provider_task_id
  AND (deadline_at IS NULL OR deadline_at <= now())
RETURNING *;

-- name: stop_polling(id, error)!
-- What was given up is not asked for any longer, and nobody will know what became of it.
UPDATE unfinished_attempts SET state = 'unknown', error = :error, next_poll_at = NULL, webhook = NULL
WHERE id = :id AND report IS NULL AND abandoned_at IS NOT NULL;

-- name: count_abandoned(task_id)$
-- How many submissions of a task have been abandoned.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND abandoned_at IS NOT NULL;
