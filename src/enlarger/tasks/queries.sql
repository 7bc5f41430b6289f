-- name: insert_task(id, account_id, key_sha256, model, input, param, callback_url, base_url, idempotency_key, request_sha256, credits_reserved)^
-- Make a task; no row when its id, or the account's idempotency key, is there already.
INSERT INTO tasks (id, account_id, key_sha256, model, input, param, callback_url, base_url, idempotency_key,
                   request_sha256, credits_reserved)
VALUES (:id, :account_id, :key_sha256, :model, :input, :param, :callback_url, :base_url,
        encode(sha256(convert_to(:idempotency_key, 'UTF8')), 'hex'),
        :request_sha256, :credits_reserved)
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
-- Take a task that has not ended, whoever had it before: from now on only this epoch may write.
UPDATE tasks SET state = 'queuing', epoch = epoch + 1, progress = 0, updated_at = now()
WHERE id = :id AND state IN ('waiting', 'queuing', 'generating')
RETURNING *;

-- name: close_lost_attempts(task_id)!
-- Attempts of earlier claims whose worker never came back.
UPDATE attempts SET state = 'failed', error = 'worker lost', ended_at = now()
WHERE task_id = :task_id AND state IN ('submitting', 'accepted');

-- name: count_lost_attempts(task_id)$
-- How many workers a task has outlived.
SELECT count(*) FROM attempts WHERE task_id = :task_id AND error = 'worker lost';

-- name: insert_attempt(task_id, epoch, provider)!
-- Write down a submission, before it is made.
INSERT INTO attempts (task_id, epoch, provider) VALUES (:task_id, :epoch, :provider)
ON CONFLICT (task_id, epoch) DO NOTHING;

-- name: end_attempt(state, error, task_id, epoch)!
-- What became of a submission.
UPDATE attempts SET state = :state, error = :error, ended_at = now() WHERE task_id = :task_id AND epoch = :epoch;

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
-- Open tasks that nothing in the queue will ever wake.
SELECT tasks.id FROM tasks
WHERE state IN ('waiting', 'queuing', 'generating')
  AND updated_at < now() - make_interval(secs => :seconds)
  AND NOT EXISTS (SELECT FROM pgqueuer WHERE pgqueuer.dedupe_key = 'dispatch:' || tasks.id)
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

-- name: insert_file(id, account_id, task_id, key, name, mime_type, size, sha256, expires_at)!
-- Write down a stored file.
INSERT INTO files (id, account_id, task_id, key, name, mime_type, size, sha256, expires_at)
VALUES (:id, :account_id, :task_id, :key, :name, :mime_type, :size, :sha256, :expires_at)
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
