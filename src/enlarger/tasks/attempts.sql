-- name: claim_task(id)^
-- Take a task that has not ended for this machine's engine, whoever had it there before: from now on only this epoch
-- may write. No row when a hosted provider has it.
UPDATE open_tasks SET state = 'queuing', epoch = epoch + 1, progress = 0, updated_at = now()
WHERE id = :id AND NOT EXISTS (SELECT FROM open_attempts WHERE task_id = :id AND provider <> 'local')
RETURNING *;

-- name: close_lost_attempts(task_id)!
-- Attempts of earlier claims on this machine whose worker never came back.
UPDATE unfinished_attempts SET state = 'failed', error = 'worker lost', final = false, ended_at = now()
WHERE task_id = :task_id AND provider = 'local';

-- name: count_lost_attempts(task_id)$
-- How many workers a task has outlived.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND error = 'worker lost';

-- name: insert_attempt(task_id, epoch, provider)!
-- Write down that this machine's engine begins.
INSERT INTO attempts (task_id, epoch, provider) VALUES (:task_id, :epoch, :provider);

-- name: lock_task(id)^
-- A task that has not ended, for this transaction alone.
SELECT * FROM open_tasks WHERE id = :id FOR UPDATE;

-- name: claim_for_dispatch(id)^
-- Take a task in order to find a provider for it: from now on only this epoch may submit.
UPDATE tasks SET state = CASE state WHEN 'generating' THEN state ELSE 'queuing' END, epoch = epoch + 1, updated_at = now()
WHERE id = :id
RETURNING *;

-- name: find_open_attempt(task_id)^
-- The submission of a task whose end is open; there is at most one.
SELECT * FROM open_attempts WHERE task_id = :task_id;

-- name: find_attempts(task_id)
-- A task's attempts, in their order.
SELECT * FROM attempts WHERE task_id = :task_id ORDER BY id;

-- name: find_attempt(id)^
-- An attempt.
SELECT * FROM attempts WHERE id = :id;

-- name: skip_provider(task_id, epoch, provider, error)!
-- Write down why a provider is passed over; the same reason once, be it that it has refused the task itself.
INSERT INTO attempts (task_id, epoch, provider, state, error, final, ended_at)
SELECT :task_id, :epoch, :provider, 'skipped', :error, false, now()
WHERE NOT EXISTS (SELECT FROM attempts WHERE task_id = :task_id AND provider = :provider
                  AND state IN ('skipped', 'failed') AND error = :error);

-- name: wait_for_turn(provider)^
-- Until the transaction ends nobody else submits to the provider.
SELECT pg_advisory_xact_lock(hashtext('submit to ' || :provider));

-- name: count_running(provider)$
-- How many of a provider's submissions are open.
SELECT count(*) FROM open_attempts WHERE provider = :provider;

-- name: find_attempt_by_reference(reference)^
-- The attempt that was written down under this name.
SELECT * FROM attempts WHERE reference = :reference;

-- name: begin_submission(task_id, epoch, provider, reference, request, dollars, deadline)^
-- Write down a submission to a hosted provider, before it is made.
INSERT INTO attempts (task_id, epoch, provider, reference, request, dollars, reserved, deadline_at)
VALUES (:task_id, :epoch, :provider, :reference, :request, :dollars::numeric, :dollars::numeric, now() + make_interval(secs => :deadline))
RETURNING *;

-- name: note_accepted(id, provider_task_id, seconds)^
-- A provider has a task. What was unknown is known now.
UPDATE attempts SET state = 'accepted', provider_task_id = :provider_task_id, accepted_at = now(), error = NULL,
                    next_poll_at = CASE WHEN webhook IS NULL THEN now() + make_interval(secs => :seconds) ELSE now() END
WHERE id = :id AND state IN ('submitting', 'unknown')
RETURNING *;

-- name: note_unknown(id, error, seconds)^
-- Nobody can say whether a provider has a task.
UPDATE attempts SET state = 'unknown', error = :error,
                    next_poll_at = CASE WHEN webhook IS NULL THEN now() + make_interval(secs => :seconds) ELSE now() END
WHERE id = :id AND state IN ('submitting', 'accepted') AND report IS NULL
RETURNING *;

-- name: note_refused(id, error, code, final)^
-- A provider surely does not have a task.
UPDATE attempts SET state = 'failed', error = :error, error_code = :code, final = :final, next_poll_at = NULL,
                    ended_at = now()
WHERE id = :id AND state IN ('submitting', 'unknown')
RETURNING *;

-- name: show_generating(id)!
-- For its app a task is at work from the moment on in which a provider may have it.
UPDATE tasks SET state = 'generating', updated_at = now() WHERE id = :id AND state IN ('waiting', 'queuing');

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
-- Seconds until an attempt is to be looked at; null when there is none.
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
-- A provider told how far a task is.
UPDATE tasks SET progress = :progress, updated_at = now()
WHERE id = :id AND state = 'generating' AND progress < :progress;

-- name: note_report(id, provider_task_id, report, asked, finished_at, keeps)^
-- A provider says that it has succeeded: it is to be collected.
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
RETURNING *;

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

-- name: note_webhook(reference, webhook)$
-- A provider has told something: look at once. The provider's name; no row when nothing more is to be learnt.
UPDATE unfinished_attempts SET webhook = :webhook, next_poll_at = now()
WHERE reference = :reference AND report IS NULL
RETURNING provider;

-- name: ring(channel, payload)^
-- Tell those who listen.
SELECT pg_notify(:channel, :payload);

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

-- name: note_lost(error, seconds)!
-- Submissions of tasks that have ended meanwhile, whose workers never came back.
UPDATE attempts SET state = 'unknown', error = :error, next_poll_at = now()
WHERE state = 'submitting' AND provider <> 'local' AND abandoned_at IS NOT NULL
  AND started_at < now() - make_interval(secs => :seconds);

-- name: count_abandoned(task_id)$
-- How many submissions of a task have been given up.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND abandoned_at IS NOT NULL;

-- name: find_provider_task(task_id, provider)^
-- A provider's own id of a task that it has carried out; no row when another has, or it is not this account's.
SELECT provider_task_id FROM attempts
WHERE task_id = :task_id AND provider = :provider AND state = 'succeeded' AND abandoned_at IS NULL;

-- name: find_taken(provider, model, seconds)
-- A provider's ids of the latest tasks of a model.
SELECT provider_task_id FROM attempts JOIN tasks ON tasks.id = attempts.task_id
WHERE provider = :provider AND model = :model AND provider_task_id IS NOT NULL
  AND attempts.started_at > now() - make_interval(secs => :seconds);

-- name: is_taken(provider, provider_task_id)$
-- Whether a provider's task is known to be some attempt's.
SELECT EXISTS (SELECT FROM attempts WHERE provider = :provider AND provider_task_id = :provider_task_id);
