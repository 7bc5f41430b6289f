-- name: insert_task(id, account_id, key_sha256, model, input, param, callback_url, base_url, idempotency_key, request_sha256, credits_reserved, answer_seconds)^
-- Make a task; no row when its id, or the account's idempotency key, is there already.
INSERT INTO tasks (id, account_id, key_sha256, model, input, param, callback_url, base_url, idempotency_key,
                   request_sha256, credits_reserved, answered_by)
VALUES (:id, :account_id, :key_sha256, :model, :input, :param, :callback_url, :base_url,
        encode(sha256(convert_to(:idempotency_key, 'UTF8')), 'hex'),
        :request_sha256, :credits_reserved, now() + make_interval(secs => :answer_seconds))
ON CONFLICT DO NOTHING
RETURNING *;

-- name: wait_briefly()!
-- For the rest of the transaction do not wait long for others' locks.
SET LOCAL lock_timeout = '5s';

-- name: find_twin(id, account_id, idempotency_key)^
-- The task that was in the way of an insert: the same one, or the one with the same idempotency key.
SELECT * FROM tasks
WHERE id = :id OR (
    account_id = :account_id AND idempotency_key = encode(sha256(convert_to(:idempotency_key, 'UTF8')), 'hex')
);

-- name: find_task(id, account_id)^
-- An account's task.
SELECT * FROM tasks WHERE id = :id AND account_id = :account_id;

-- name: find_any_task(id)^
-- A task, whoever's it is.
SELECT * FROM tasks WHERE id = :id;

-- name: list_tasks(account_id, states, model, before, before_id, most)
-- An account's tasks, newest first, from the one that was made before `before` on.
SELECT * FROM tasks
WHERE account_id = :account_id
  AND (created_at, id) < (COALESCE(CAST(:before AS timestamptz), 'infinity'), COALESCE(CAST(:before_id AS text), ''))
  AND (CAST(:states AS text[]) IS NULL OR state = ANY(:states))
  AND (CAST(:model AS text) IS NULL OR model = :model)
ORDER BY created_at DESC, id DESC
LIMIT :most;

-- name: find_task_to_follow(id, account_id)^
-- An account's task, and the number of its latest event at the same moment.
SELECT tasks.*, (SELECT COALESCE(max(events.id), 0) FROM events WHERE task_id = tasks.id) AS latest
FROM tasks WHERE id = :id AND account_id = :account_id;

-- name: find_events(task_id, after)
-- A task's events from a number on.
SELECT * FROM events WHERE task_id = :task_id AND id > :after ORDER BY id;

-- name: trim_events(seconds, most)$
-- Remove the events of tasks that ended long ago; how many they were.
WITH gone AS (
    DELETE FROM events WHERE task_id IN (
        SELECT task_id FROM events
        WHERE state IN ('success', 'fail') AND at < now() - make_interval(secs => :seconds)
        ORDER BY at LIMIT :most
    )
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: trim_tasks(seconds, most)$
-- Remove tasks that ended long ago with all that is known of them, but none that has a file or an announcement left;
-- how many they were. The ledger keeps its lines.
WITH old AS (
    SELECT id FROM tasks
    WHERE completed_at < now() - make_interval(secs => :seconds)
      AND NOT EXISTS (SELECT FROM files WHERE files.task_id = tasks.id)
      AND NOT EXISTS (SELECT FROM deliveries WHERE deliveries.task_id = tasks.id AND deliveries.state = 'pending')
    ORDER BY completed_at LIMIT :most
    FOR UPDATE SKIP LOCKED
), events_gone AS (
    DELETE FROM events USING old WHERE events.task_id = old.id
), attempts_gone AS (
    DELETE FROM attempts USING old WHERE attempts.task_id = old.id
), deliveries_gone AS (
    DELETE FROM deliveries USING old WHERE deliveries.task_id = old.id
), gone AS (
    DELETE FROM tasks USING old WHERE tasks.id = old.id RETURNING 1
)
SELECT count(*) FROM gone;

-- name: claim_task(id)^
-- Take a task that has not ended for this machine's engine, whoever had it there before: from now on only this epoch
-- may write. No row when a hosted provider has it.
UPDATE tasks SET state = 'queuing', epoch = epoch + 1, progress = 0, updated_at = now()
WHERE id = :id AND state IN ('waiting', 'queuing', 'generating')
  AND NOT EXISTS (SELECT FROM attempts WHERE task_id = :id AND provider <> 'local' AND abandoned_at IS NULL
                  AND attempts.state IN ('submitting', 'accepted', 'unknown'))
RETURNING *;

-- name: close_lost_attempts(task_id)!
-- Attempts of earlier claims on this machine whose worker never came back.
UPDATE attempts SET state = 'failed', error = 'worker lost', final = false, ended_at = now()
WHERE task_id = :task_id AND provider = 'local' AND state IN ('submitting', 'accepted');

-- name: count_lost_attempts(task_id)$
-- How many workers a task has outlived.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND error = 'worker lost';

-- name: insert_attempt(task_id, epoch, provider)!
-- Write down that this machine's engine begins.
INSERT INTO attempts (task_id, epoch, provider) VALUES (:task_id, :epoch, :provider);

-- name: end_attempt(state, error, code, final, task_id, epoch)!
-- What this machine's engine made of a task.
UPDATE attempts SET state = :state, error = :error, error_code = :code, final = :final, ended_at = now()
WHERE task_id = :task_id AND epoch = :epoch AND provider = 'local' AND ended_at IS NULL;

-- name: lock_task(id)^
-- A task that has not ended, for this transaction alone.
SELECT * FROM tasks WHERE id = :id AND state IN ('waiting', 'queuing', 'generating') FOR UPDATE;

-- name: take_turn(id)^
-- Take a task in order to find a provider for it: from now on only this epoch may submit.
UPDATE tasks SET state = CASE state WHEN 'generating' THEN state ELSE 'queuing' END, epoch = epoch + 1, updated_at = now()
WHERE id = :id
RETURNING *;

-- name: find_open_attempt(task_id)^
-- The submission of a task whose end is open; there is at most one.
SELECT * FROM attempts
WHERE task_id = :task_id AND state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL;

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
SELECT count(*) FROM attempts
WHERE provider = :provider AND state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL;

-- name: find_attempt_by_reference(reference)^
-- The attempt that was written down under this name.
SELECT * FROM attempts WHERE reference = :reference;

-- name: begin_submission(task_id, epoch, provider, reference, sent, dollars, deadline)^
-- Write down a submission to a hosted provider, before it is made.
INSERT INTO attempts (task_id, epoch, provider, reference, sent, dollars, deadline_at)
VALUES (:task_id, :epoch, :provider, :reference, :sent, :dollars::numeric, now() + make_interval(secs => :deadline))
RETURNING *;

-- name: note_accepted(id, provider_task_id, seconds)^
-- A provider has a task. What was unknown is known now.
UPDATE attempts SET state = 'accepted', provider_task_id = :provider_task_id, accepted_at = now(), error = NULL,
                    next_look_at = CASE WHEN webhook IS NULL THEN now() + make_interval(secs => :seconds) ELSE now() END
WHERE id = :id AND state IN ('submitting', 'unknown')
RETURNING *;

-- name: note_unknown(id, error, seconds)^
-- Nobody can say whether a provider has a task.
UPDATE attempts SET state = 'unknown', error = :error,
                    next_look_at = CASE WHEN webhook IS NULL THEN now() + make_interval(secs => :seconds) ELSE now() END
WHERE id = :id AND state IN ('submitting', 'accepted') AND report IS NULL
RETURNING *;

-- name: note_refused(id, error, code, final)^
-- A provider surely does not have a task.
UPDATE attempts SET state = 'failed', error = :error, error_code = :code, final = :final, next_look_at = NULL,
                    ended_at = now()
WHERE id = :id AND state IN ('submitting', 'unknown')
RETURNING *;

-- name: show_generating(id)!
-- For its app a task is at work from the moment on in which a provider may have it.
UPDATE tasks SET state = 'generating', updated_at = now() WHERE id = :id AND state IN ('waiting', 'queuing');

-- name: take_due_attempts(provider, most, seconds)
-- Attempts that are to be looked at now, with their tasks' models; nobody else looks at them for so many seconds.
UPDATE attempts SET next_look_at = now() + make_interval(secs => :seconds)
FROM tasks
WHERE tasks.id = attempts.task_id AND attempts.id IN (
    SELECT id FROM attempts WHERE provider = :provider AND next_look_at <= now()
    ORDER BY next_look_at LIMIT :most FOR UPDATE SKIP LOCKED
)
RETURNING attempts.*, tasks.model;

-- name: find_next_look(provider)$
-- Seconds until an attempt is to be looked at; null when there is none.
SELECT extract(epoch FROM min(next_look_at) - now())::float8 FROM attempts
WHERE provider = :provider AND next_look_at IS NOT NULL;

-- name: note_look(id, seconds, asked, webhook, trouble)!
-- An attempt was looked at and has not ended; news that came meanwhile is looked at right away. An announcement is kept
-- as long as nothing else could name the provider's task.
UPDATE attempts SET
    looks = looks + :asked::int,
    error = CASE WHEN state = 'accepted' AND abandoned_at IS NULL THEN :trouble ELSE error END,
    next_look_at = CASE WHEN webhook IS DISTINCT FROM :webhook::jsonb THEN now()
                        ELSE now() + make_interval(secs => :seconds) END,
    webhook = CASE WHEN webhook IS DISTINCT FROM :webhook::jsonb OR provider_task_id IS NULL THEN webhook END
WHERE id = :id AND next_look_at IS NOT NULL;

-- name: show_progress(id, progress)!
-- A provider told how far a task is.
UPDATE tasks SET progress = :progress, updated_at = now()
WHERE id = :id AND state = 'generating' AND progress < :progress;

-- name: note_report(id, provider_task_id, report, asked, finished_at, keeps)^
-- A provider says that it has succeeded: it is to be collected.
UPDATE attempts SET
    state = 'accepted',
    provider_task_id = coalesce(provider_task_id, :provider_task_id),
    accepted_at = coalesce(accepted_at, now()),
    error = NULL,
    report = :report,
    looks = looks + :asked::int,
    finished_at = coalesce(:finished_at, now()),
    expires_at = coalesce(:finished_at, now()) + make_interval(secs => :keeps::float8),
    next_look_at = NULL,
    webhook = NULL
WHERE id = :id AND state IN ('submitting', 'accepted', 'unknown') AND report IS NULL
RETURNING *;

-- name: note_failure(id, provider_task_id, error, code, final, asked, reported)^
-- A provider says that it has failed; `reported` is whether it said before that it had succeeded. Who does not know of
-- that brings old or false news.
UPDATE attempts SET
    state = 'failed',
    provider_task_id = coalesce(provider_task_id, :provider_task_id),
    error = :error,
    error_code = :code,
    final = :final,
    looks = looks + :asked::int,
    next_look_at = NULL,
    webhook = NULL,
    ended_at = now()
WHERE id = :id AND state IN ('submitting', 'accepted', 'unknown') AND (report IS NULL OR :reported::bool)
RETURNING *;

-- name: note_webhook(reference, webhook)$
-- A provider has told something: look at once. The provider's name; no row when nothing more is to be learnt.
UPDATE attempts SET webhook = :webhook, next_look_at = now()
WHERE reference = :reference AND state IN ('submitting', 'accepted', 'unknown') AND report IS NULL
RETURNING provider;

-- name: ring(channel, payload)^
-- Tell those who listen.
SELECT pg_notify(:channel, :payload);

-- name: find_to_collect(id)^
-- An attempt whose result is to be collected.
SELECT * FROM attempts WHERE id = :id AND state = 'accepted' AND report IS NOT NULL;

-- name: find_uncollected(seconds, most)
-- Results that nothing in the queue will ever collect.
SELECT id FROM attempts
WHERE state = 'accepted' AND report IS NOT NULL AND finished_at < now() - make_interval(secs => :seconds)
  AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.dedupe_key = 'collect:' || attempts.id)
ORDER BY id LIMIT :most;

-- name: note_collected(id)^
-- A result is in our storage; whoever is first has done it.
UPDATE attempts SET state = 'succeeded', ended_at = now()
WHERE id = :id AND state = 'accepted' AND report IS NOT NULL
RETURNING *;

-- name: note_used(id)!
-- A result became its task's, perhaps that of an attempt that was given up before.
UPDATE attempts SET abandoned_at = NULL WHERE id = :id;

-- name: close_local_attempts(task_id)!
-- A task has ended without this machine's engine, which finds that out by itself.
UPDATE attempts SET state = 'failed', error = 'its task has ended', ended_at = now()
WHERE task_id = :task_id AND provider = 'local' AND state IN ('submitting', 'accepted');

-- name: abandon_others(task_id, id)!
-- A task has its result: what else was submitted for it is not needed.
UPDATE attempts SET abandoned_at = now(), next_look_at = CASE WHEN report IS NULL THEN now() END
WHERE task_id = :task_id AND id <> :id AND state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL;

-- name: note_orphan(id)!
-- A result came when nobody needed it any more.
UPDATE attempts SET abandoned_at = coalesce(abandoned_at, now()) WHERE id = :id;

-- name: abandon(id, error, seconds, webhook, certain)^
-- A submission is waited for no longer; if the provider's id of it is known, it is looked at now and then.
-- No row when something was announced meanwhile, or by the database's clock its time is not over.
UPDATE attempts SET abandoned_at = now(), error = :error, webhook = NULL,
    state = CASE WHEN :certain THEN state ELSE 'unknown' END,
    next_look_at = CASE WHEN provider_task_id IS NOT NULL THEN now() + make_interval(secs => :seconds) END
WHERE id = :id AND state IN ('submitting', 'accepted', 'unknown') AND report IS NULL AND abandoned_at IS NULL
  AND webhook IS NOT DISTINCT FROM :webhook::jsonb
  AND (deadline_at IS NULL OR deadline_at <= now())
RETURNING *;

-- name: stop_looking(id, error)!
-- What was given up is not asked for any longer, and nobody will know what became of it.
UPDATE attempts SET state = 'unknown', error = :error, next_look_at = NULL, webhook = NULL
WHERE id = :id AND state IN ('submitting', 'accepted', 'unknown') AND report IS NULL AND abandoned_at IS NOT NULL;

-- name: note_lost(error, seconds)!
-- Submissions of tasks that have ended meanwhile, whose workers never came back.
UPDATE attempts SET state = 'unknown', error = :error, next_look_at = now()
WHERE state = 'submitting' AND provider <> 'local' AND abandoned_at IS NOT NULL
  AND started_at < now() - make_interval(secs => :seconds);

-- name: count_abandoned(task_id)$
-- How many submissions of a task have been given up.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND abandoned_at IS NOT NULL;

-- name: end_open_task(result, id)^
-- End a task well, whoever has it: from now on nobody may write.
UPDATE tasks SET state = 'success', result = :result, progress = 100, epoch = epoch + 1, updated_at = now(),
                 completed_at = now()
WHERE id = :id AND state IN ('waiting', 'queuing', 'generating')
RETURNING *;

-- name: fail_open_task(code, message, id)^
-- End a task badly, whoever has it: from now on nobody may write.
UPDATE tasks SET state = 'fail', fail_code = :code, fail_message = :message, epoch = epoch + 1, updated_at = now(),
                 completed_at = now()
WHERE id = :id AND state IN ('waiting', 'queuing', 'generating')
RETURNING *;

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

-- name: abandon_cancelled(task_id)!
-- An app has called its task off: what a hosted provider does with it is not needed.
UPDATE attempts SET abandoned_at = now(), error = 'cancelled',
    next_look_at = CASE WHEN report IS NULL AND provider_task_id IS NOT NULL THEN now() ELSE next_look_at END
WHERE task_id = :task_id AND provider <> 'local' AND state IN ('submitting', 'accepted', 'unknown')
  AND abandoned_at IS NULL;

-- name: start_generating(id, epoch)$
-- The provider is at work.
UPDATE tasks SET state = 'generating', updated_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING 1;

-- name: report_progress(progress, id, epoch)$
-- A sign of life; no row means that the claim is over.
UPDATE tasks SET progress = :progress, updated_at = now()
WHERE id = :id AND epoch = :epoch AND state = 'generating'
RETURNING 1;

-- name: succeed_task(result, id, epoch)^
-- End a task well, if the claim still holds.
UPDATE tasks SET state = 'success', result = :result, progress = 100, updated_at = now(), completed_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING *;

-- name: fail_task(code, message, id, epoch)^
-- End a task badly, if the claim still holds.
UPDATE tasks SET state = 'fail', fail_code = :code, fail_message = :message, updated_at = now(), completed_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING *;

-- name: release_task(id, epoch)$
-- Give a task back unfinished, for another worker.
UPDATE tasks SET state = 'waiting', progress = 0, updated_at = now()
WHERE id = :id AND epoch = :epoch AND state IN ('queuing', 'generating')
RETURNING 1;

-- name: claim_ended_as(id, epoch)$
-- The state in which this very claim ended its task; tells a commit that was cut off from a lost claim.
SELECT state FROM tasks WHERE id = :id AND epoch = :epoch;

-- name: cancel_task(code, message, id, account_id)^
-- End a task because its app says so; the new epoch stops the worker that has it.
UPDATE tasks SET state = 'fail', epoch = epoch + 1, fail_code = :code, fail_message = :message,
                 updated_at = now(), completed_at = now()
WHERE id = :id AND account_id = :account_id AND state IN ('waiting', 'queuing', 'generating')
RETURNING *;

-- name: find_forgotten_tasks(seconds, most)
-- Open tasks that nothing in the queue will ever wake, and that no hosted provider has.
SELECT tasks.id FROM tasks
WHERE state IN ('waiting', 'queuing', 'generating')
  AND updated_at < now() - make_interval(secs => :seconds)
  AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.dedupe_key IN ('dispatch:' || tasks.id, 'engine:' || tasks.id))
  AND NOT EXISTS (SELECT FROM attempts WHERE task_id = tasks.id AND abandoned_at IS NULL
                  AND (attempts.state IN ('accepted', 'unknown') AND provider <> 'local'))
ORDER BY updated_at
LIMIT :most;

-- name: insert_delivery(task_id)!
-- A callback is owed.
INSERT INTO deliveries (task_id) VALUES (:task_id) ON CONFLICT DO NOTHING;

-- name: find_pending_delivery(task_id)^
-- The task whose callback is still owed, and how often it was tried since it was last sent anew.
SELECT tasks.*, deliveries.tries - deliveries.earlier_tries AS tries
FROM deliveries JOIN tasks ON tasks.id = deliveries.task_id
WHERE deliveries.task_id = :task_id AND deliveries.state = 'pending';

-- name: note_try(task_id, at, milliseconds, answer, accepted, state, pause)!
-- What a try came to; noted once. What another try has settled meanwhile stays settled.
WITH noted AS (
    INSERT INTO delivery_tries (task_id, at, number, milliseconds, answer, accepted)
    SELECT task_id, :at, tries + 1, :milliseconds, :answer, :accepted FROM deliveries WHERE task_id = :task_id
    ON CONFLICT DO NOTHING
    RETURNING task_id, number
)
UPDATE deliveries SET
    tries = noted.number,
    last_answer = :answer,
    updated_at = now(),
    waits_for = NULL,
    state = CASE WHEN :accepted OR state = 'pending' THEN :state ELSE state END,
    next_try_at = now() + make_interval(secs => :pause)
FROM noted WHERE deliveries.task_id = noted.task_id;

-- name: let_delivery_wait(line, task_id)!
-- A callback is due, and has to wait in a line.
UPDATE deliveries SET waits_for = :line, updated_at = now() WHERE task_id = :task_id AND state = 'pending';

-- name: call_waiting_deliveries(lines, places)
-- The first callbacks in each of the lines, as many as it has places for; they leave it.
UPDATE deliveries SET waits_for = NULL, updated_at = now() WHERE task_id IN (
    SELECT first.task_id
    FROM unnest(:lines::text[], :places::int[]) AS line (name, places),
         LATERAL (SELECT task_id FROM deliveries WHERE waits_for = line.name AND state = 'pending'
                  ORDER BY next_try_at LIMIT line.places FOR UPDATE SKIP LOCKED) AS first
)
RETURNING task_id;

-- name: find_delayed_deliveries(seconds, most)
-- Callbacks that have stood in a line for so long that those who were to call them may be gone.
SELECT task_id FROM deliveries
WHERE waits_for IS NOT NULL AND state = 'pending' AND updated_at < now() - make_interval(secs => :seconds)
ORDER BY updated_at
LIMIT :most;

-- name: renew_delivery(task_id)!
-- Send a callback anew, whatever has become of it.
INSERT INTO deliveries (task_id) VALUES (:task_id)
ON CONFLICT (task_id) DO UPDATE SET
    state = 'pending', earlier_tries = deliveries.tries, next_try_at = now(), waits_for = NULL, updated_at = now();

-- name: find_delivery(task_id)^
-- A callback as it stands.
SELECT state, next_try_at FROM deliveries WHERE task_id = :task_id;

-- name: find_tries(task_id, most)
-- The newest tries to deliver a callback, newest first.
SELECT number, at, milliseconds, answer, accepted FROM delivery_tries
WHERE task_id = :task_id ORDER BY at DESC LIMIT :most;

-- name: trim_tries(seconds, most)$
-- Remove tries of long ago; how many they were.
WITH gone AS (
    DELETE FROM delivery_tries WHERE (task_id, at) IN (
        SELECT task_id, at FROM delivery_tries WHERE at < now() - make_interval(secs => :seconds)
        ORDER BY at LIMIT :most
    )
    RETURNING 1
)
SELECT count(*) FROM gone;

-- name: find_forgotten_deliveries(seconds, most)
-- Callbacks that are due, stand in no line, and that nothing in the queue will ever wake.
SELECT task_id AS id FROM deliveries
WHERE state = 'pending'
  AND waits_for IS NULL
  AND next_try_at < now() - make_interval(secs => :seconds)
  AND updated_at < now() - make_interval(secs => :seconds)
  AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.dedupe_key = 'deliver:' || deliveries.task_id)
ORDER BY next_try_at
LIMIT :most;

-- name: insert_file(id, account_id, task_id, attempt_id, key, name, mime_type, size, sha256, expires_at)!
-- Write down a stored file.
INSERT INTO files (id, account_id, task_id, attempt_id, key, name, mime_type, size, sha256, expires_at)
VALUES (:id, :account_id, :task_id, :attempt_id, :key, :name, :mime_type, :size, :sha256, :expires_at)
ON CONFLICT (id) DO NOTHING;

-- name: find_file(id)^
-- A stored file that has not expired.
SELECT * FROM files WHERE id = :id AND expires_at > now();

-- name: find_expired_files(most)
-- Files whose time is over, oldest first.
SELECT * FROM files WHERE expires_at <= now() ORDER BY expires_at LIMIT :most;

-- name: delete_file(id)$
-- Forget a file that is no longer stored; no row when somebody else has.
DELETE FROM files WHERE id = :id RETURNING 1;

-- name: trim_queue_log(days)!
-- PgQueuer writes down what it did, for ever.
DELETE FROM pgqueuer_log WHERE created < now() - make_interval(days => :days);

-- name: insert_account(id)!
-- Make an account without limits, if it is not there.
INSERT INTO accounts (id) VALUES (:id) ON CONFLICT DO NOTHING;

-- name: add_account(id, balance, create_limit, query_limit)$
-- Make an account; no row when there is one of this name.
INSERT INTO accounts (id, balance, create_limit, query_limit)
VALUES (:id, :balance::numeric, :create_limit, :query_limit)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: list_accounts()
-- Every account, with how many keys let somebody in and how many tasks are open.
SELECT accounts.*,
       (SELECT count(*) FROM api_keys WHERE account_id = accounts.id AND revoked_at IS NULL) AS keys,
       (SELECT count(*) FROM tasks WHERE account_id = accounts.id AND state NOT IN ('success', 'fail')) AS open_tasks
FROM accounts ORDER BY created_at;

-- name: insert_key(sha256, id, last4, account_id, source)!
-- Let a key in, also one that was revoked before.
INSERT INTO api_keys (sha256, id, last4, account_id, source) VALUES (:sha256, :id, :last4, :account_id, :source)
ON CONFLICT (sha256) DO UPDATE SET revoked_at = NULL;

-- name: add_key(sha256, id, last4, account_id, source, name, hour_cap, day_cap, total_cap, allow)!
-- Make a key.
INSERT INTO api_keys (sha256, id, last4, account_id, source, name, hour_cap, day_cap, total_cap, allow)
VALUES (:sha256, :id, :last4, :account_id, :source, :name, :hour_cap, :day_cap, :total_cap, :allow);

-- name: list_keys(account_id)
-- The keys of an account, or of all.
SELECT * FROM api_keys WHERE :account_id::text IS NULL OR account_id = :account_id ORDER BY created_at;

-- name: revoke_key(id)^
-- Let a key in no longer; the key, also when it was revoked before.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = :id RETURNING *;

-- name: top_up(account_id, credits, note)$
-- Give an account credits; no row when it has no balance, or there is none.
WITH given AS (
    UPDATE accounts SET balance = balance + :credits::numeric WHERE id = :account_id AND balance IS NOT NULL
    RETURNING id, balance
), noted AS (
    INSERT INTO ledger (account_id, kind, credits, note) SELECT id, 'top_up', :credits::numeric, :note FROM given
)
SELECT balance FROM given;

-- name: note_opening(account_id, credits)!
-- The first line of an account's ledger.
INSERT INTO ledger (account_id, kind, credits, note) VALUES (:account_id, 'top_up', :credits::numeric, 'opening');

-- name: reserve_credits(account_id, task_id, credits)$
-- Take credits from an account that can afford them; no row means that it cannot. One without a balance can.
WITH taken AS (
    UPDATE accounts SET balance = balance - :credits::numeric
    WHERE id = :account_id AND (balance IS NULL OR balance >= :credits::numeric)
    RETURNING id, balance
), noted AS (
    INSERT INTO ledger (account_id, task_id, kind, credits)
    SELECT id, :task_id, 'reserve', -:credits::numeric FROM taken WHERE balance IS NOT NULL
)
SELECT 1 FROM taken;

-- name: spend_by_key(sha256, credits)$
-- Count credits against a key's caps; no row means that they do not allow it.
UPDATE api_keys SET
    hour = date_trunc('hour', now(), 'UTC'),
    hour_spent = CASE WHEN hour = date_trunc('hour', now(), 'UTC') THEN hour_spent ELSE 0 END + :credits::numeric,
    day = date_trunc('day', now(), 'UTC'),
    day_spent = CASE WHEN day = date_trunc('day', now(), 'UTC') THEN day_spent ELSE 0 END + :credits::numeric,
    total_spent = total_spent + :credits::numeric
WHERE sha256 = :sha256
  AND (hour_cap IS NULL
       OR CASE WHEN hour = date_trunc('hour', now(), 'UTC') THEN hour_spent ELSE 0 END + :credits::numeric <= hour_cap)
  AND (day_cap IS NULL
       OR CASE WHEN day = date_trunc('day', now(), 'UTC') THEN day_spent ELSE 0 END + :credits::numeric <= day_cap)
  AND (total_cap IS NULL OR total_spent + :credits::numeric <= total_cap)
RETURNING 1;

-- name: settle_credits(task_id, kind, consumed)!
-- A task has ended: give back what was reserved and not consumed, and write down what it cost.
WITH ended AS (
    UPDATE tasks SET credits_consumed = :consumed::numeric WHERE id = :task_id RETURNING account_id, credits_reserved
), given AS (
    UPDATE accounts SET balance = balance + ended.credits_reserved - :consumed::numeric FROM ended
    WHERE accounts.id = ended.account_id AND balance IS NOT NULL
      AND EXISTS (SELECT FROM ledger WHERE ledger.task_id = :task_id AND kind = 'reserve')
    RETURNING accounts.id, ended.credits_reserved
)
INSERT INTO ledger (account_id, task_id, kind, credits)
SELECT id, :task_id, :kind, credits_reserved - :consumed::numeric FROM given;

-- name: unspend_by_key(sha256, credits, created_at)!
-- Take back from a key's sums what a task was counted with and did not cost, where they are still of its hour and day.
UPDATE api_keys SET
    hour_spent = hour_spent - CASE WHEN hour = date_trunc('hour', :created_at::timestamptz, 'UTC') THEN :credits::numeric ELSE 0 END,
    day_spent = day_spent - CASE WHEN day = date_trunc('day', :created_at::timestamptz, 'UTC') THEN :credits::numeric ELSE 0 END,
    total_spent = total_spent - :credits::numeric
WHERE sha256 = :sha256;

-- name: find_differences()
-- Accounts whose balance is not what their ledger says; there should be none.
SELECT accounts.id, accounts.balance, coalesce(sum(ledger.credits), 0) AS ledger
FROM accounts LEFT JOIN ledger ON ledger.account_id = accounts.id
WHERE accounts.balance IS NOT NULL
GROUP BY accounts.id
HAVING accounts.balance <> coalesce(sum(ledger.credits), 0);

-- name: find_credit(account_id)^
-- An account's balance and limits.
SELECT * FROM accounts WHERE id = :account_id;

-- name: find_key(sha256)^
-- A key, whoever it is of.
SELECT * FROM api_keys WHERE sha256 = :sha256;

-- name: take_place(name, most, seconds)$
-- Note that something is done now, if it was done less than `most` times in the last seconds; no row if not.
INSERT INTO paces (name, times) VALUES (:name, ARRAY[clock_timestamp()])
ON CONFLICT (name) DO UPDATE SET times =
    ARRAY(SELECT t FROM unnest(paces.times) AS t WHERE t > clock_timestamp() - make_interval(secs => :seconds))
    || clock_timestamp()
WHERE (SELECT count(*) FROM unnest(paces.times) AS t
       WHERE t > clock_timestamp() - make_interval(secs => :seconds)) < :most
RETURNING 1;

-- name: find_next_place(name, seconds)$
-- Seconds until the oldest of the last times is forgotten.
SELECT extract(epoch FROM min(t) + make_interval(secs => :seconds) - clock_timestamp())::float8
FROM paces, unnest(times) AS t
WHERE name = :name AND t > clock_timestamp() - make_interval(secs => :seconds);

-- name: forget_paces(seconds)!
-- Paces of those who have not come for a while.
DELETE FROM paces WHERE NOT EXISTS (
    SELECT FROM unnest(times) AS t WHERE t > clock_timestamp() - make_interval(secs => :seconds)
);

-- name: forget_idempotency_keys(days)!
-- Keys that were used so long ago may be used for other tasks.
UPDATE tasks SET idempotency_key = NULL
WHERE idempotency_key IS NOT NULL AND created_at < now() - make_interval(days => :days);

-- name: revoke_other_keys(account_id, source, sha256)!
-- Of the keys that one source makes for an account, only this one is valid.
UPDATE api_keys SET revoked_at = now()
WHERE account_id = :account_id AND source = :source AND sha256 <> :sha256 AND revoked_at IS NULL;

-- name: find_caller(sha256)^
-- Whose key it is, from where it may be used, and what limits its account has.
SELECT account_id, sha256 AS key_sha256, allow, balance IS NOT NULL AS has_balance, create_limit, query_limit,
       coalesce(hour_cap, day_cap, total_cap) IS NOT NULL AS has_caps
FROM api_keys JOIN accounts ON accounts.id = api_keys.account_id
WHERE sha256 = :sha256 AND revoked_at IS NULL;

-- name: make_secret(name, value)!
-- Set a shared secret, unless another process was first.
INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING;

-- name: find_secret(name)$
-- A shared secret.
SELECT value FROM secrets WHERE name = :name;

-- name: read_provider_states()
-- What keeps providers from being asked, and for how many seconds more.
SELECT name, state, reason, greatest(extract(epoch FROM until - now()), 0)::float8 AS seconds, updated_at
FROM provider_states ORDER BY name;

-- name: write_provider_state(name, state, reason, seconds)$
-- Tell other processes how a provider stands; when that was. No row when more is known already: what is out is no
-- better for a while, and of two times the later one counts.
INSERT INTO provider_states (name, state, reason, until)
VALUES (:name, :state, :reason, now() + make_interval(secs => :seconds::float8))
ON CONFLICT (name) DO UPDATE SET
    state = EXCLUDED.state,
    reason = EXCLUDED.reason,
    until = CASE WHEN provider_states.state = EXCLUDED.state THEN greatest(provider_states.until, EXCLUDED.until)
                 ELSE EXCLUDED.until END,
    updated_at = clock_timestamp()
WHERE provider_states.state <> 'out' OR EXCLUDED.state IN ('ok', 'out')
RETURNING updated_at;

-- name: claim_probe(name, most)$
-- Take it upon oneself to ask a provider that is broken or out, when that is due: the seconds until the next one may.
-- The pauses of one that is out double, up to the most.
UPDATE provider_states SET
    until = now() + CASE state WHEN 'broken' THEN until - updated_at
                    ELSE least(2 * (until - updated_at), make_interval(secs => :most::float8)) END,
    updated_at = now()
WHERE name = :name AND state IN ('broken', 'out') AND until <= now()
RETURNING extract(epoch FROM until - now())::float8;

-- name: set_aside(provider, account_id, dollars)
-- Count dollars in the sums of a provider and an account, in an order in which nobody waits for anybody in a circle;
-- each sum, as it was before, whose cap does not allow it.
WITH counted AS (
    INSERT INTO spending (kind, name, period, dollars)
    SELECT kind, name, to_char(now() AT TIME ZONE 'UTC', format), :dollars::numeric(12, 6)
    FROM (VALUES ('provider', :provider::text), ('account', :account_id::text)) AS payer (kind, name),
         (VALUES ('YYYY-MM-DD'), ('YYYY-MM')) AS span (format)
    ORDER BY 1, 2, 3
    ON CONFLICT (kind, name, period) DO UPDATE SET dollars = spending.dollars + EXCLUDED.dollars
    RETURNING kind, name, period, dollars
)
SELECT kind, name, span, cap, counted.dollars - :dollars::numeric(12, 6) AS before
FROM counted
JOIN budgets USING (kind, name),
LATERAL (SELECT CASE length(period) WHEN 10 THEN 'day' ELSE 'month' END AS span,
                CASE length(period) WHEN 10 THEN day_cap ELSE month_cap END AS cap) AS limits
WHERE counted.dollars > cap AND :dollars::numeric(12, 6) > 0
ORDER BY kind DESC, period DESC;

-- name: settle_dollars(id, dollars)!
-- An attempt has cost so much: correct the sums of the day and the month in which it was sent.
WITH settled AS (
    UPDATE attempts SET dollars = :dollars::numeric(12, 6)
    FROM (SELECT id, dollars FROM attempts WHERE id = :id FOR UPDATE) AS before, tasks
    WHERE attempts.id = before.id AND tasks.id = attempts.task_id AND before.dollars <> :dollars::numeric(12, 6)
    RETURNING provider, account_id, started_at, :dollars::numeric(12, 6) - before.dollars AS difference
)
INSERT INTO spending (kind, name, period, dollars)
SELECT payer.kind, payer.name, to_char(started_at AT TIME ZONE 'UTC', format), difference
FROM settled,
     LATERAL (VALUES ('provider', provider), ('account', account_id)) AS payer (kind, name),
     (VALUES ('YYYY-MM-DD'), ('YYYY-MM')) AS span (format)
ORDER BY 1, 2, 3
ON CONFLICT (kind, name, period) DO UPDATE SET dollars = spending.dollars + EXCLUDED.dollars;

-- name: set_budget(kind, name, keep_day, day_cap, keep_month, month_cap)^
-- Set caps; those to keep stay what they are.
INSERT INTO budgets (kind, name, day_cap, month_cap) VALUES (:kind, :name, :day_cap::numeric, :month_cap::numeric)
ON CONFLICT (kind, name) DO UPDATE SET
    day_cap = CASE WHEN :keep_day::bool THEN budgets.day_cap ELSE EXCLUDED.day_cap END,
    month_cap = CASE WHEN :keep_month::bool THEN budgets.month_cap ELSE EXCLUDED.month_cap END
RETURNING *;

-- name: list_budgets()
-- What has caps or has spent this month, with what was spent today and this month.
SELECT kind, name, day_cap, month_cap, coalesce(day.dollars, 0) AS today, coalesce(month.dollars, 0) AS this_month
FROM (SELECT kind, name FROM budgets WHERE coalesce(day_cap, month_cap) IS NOT NULL
      UNION SELECT kind, name FROM spending
      WHERE period = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM') AND dollars <> 0) AS payer
LEFT JOIN budgets USING (kind, name)
LEFT JOIN (SELECT kind, name, dollars FROM spending
           WHERE period = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')) AS day USING (kind, name)
LEFT JOIN (SELECT kind, name, dollars FROM spending
           WHERE period = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')) AS month USING (kind, name)
ORDER BY kind DESC, name;

-- name: account_exists(id)$
-- Whether there is an account of this name.
SELECT EXISTS (SELECT FROM accounts WHERE id = :id);

-- name: read_provider_work(seconds)
-- Of each provider the tasks that are open, and what became of the submissions and results of the last seconds.
SELECT provider AS name,
       count(*) FILTER (WHERE state IN ('submitting', 'accepted', 'unknown') AND abandoned_at IS NULL) AS open,
       count(*) FILTER (WHERE recent) AS submitted,
       count(*) FILTER (WHERE recent AND (accepted_at IS NOT NULL OR state = 'succeeded')) AS accepted,
       count(*) FILTER (WHERE recent AND state = 'failed') AS failed,
       count(*) FILTER (WHERE recent AND state = 'unknown') AS unknown,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - started_at)::float8)
           FILTER (WHERE recent) AS acceptance,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM made_at - started_at)::float8)
           FILTER (WHERE made_at > now() - make_interval(secs => :seconds)) AS result
FROM (SELECT *, started_at > now() - make_interval(secs => :seconds) AS recent,
             coalesce(finished_at, CASE state WHEN 'succeeded' THEN ended_at END) AS made_at
      FROM attempts
      WHERE state <> 'skipped'
        AND (started_at > now() - interval '1 day' OR state IN ('submitting', 'accepted', 'unknown'))) AS attempts
GROUP BY provider;

-- name: list_orphans(most)
-- What was paid for, or may have been, and came to no end of a task; the newest first.
SELECT attempts.id, task_id, account_id, model, base_url, provider, provider_task_id, attempts.state, error, dollars,
       started_at, abandoned_at, ended_at
FROM attempts JOIN tasks ON tasks.id = task_id
WHERE abandoned_at IS NOT NULL AND attempts.state IN ('succeeded', 'unknown')
ORDER BY abandoned_at DESC, attempts.id DESC LIMIT :most;

-- name: find_orphans_files(attempt_ids)
-- What orphans made, as far as it is still kept.
SELECT * FROM files WHERE attempt_id = ANY(:attempt_ids::bigint[]) AND expires_at > now() ORDER BY attempt_id, name;
