-- name: insert_account(id)!
-- Create an account without limits, unless it exists.
INSERT INTO accounts (id) VALUES (:id) ON CONFLICT DO NOTHING;

-- name: add_account(id, balance, create_limit, query_limit)$
-- Create an account; no row when one of this name exists.
INSERT INTO accounts (id, balance, create_limit, query_limit)
VALUES (:id, :balance::numeric, :create_limit, :query_limit)
ON CONFLICT DO NOTHING
RETURNING id;

-- name: list_accounts()
-- All accounts, each with the number of its valid keys and of its open tasks.
SELECT accounts.*, CASE WHEN engine_day = date_trunc('day', now(), 'UTC') THEN engine_seconds ELSE 0 END AS engine_used,
       (SELECT count(*) FROM api_keys WHERE account_id = accounts.id AND revoked_at IS NULL) AS keys,
       (SELECT count(*) FROM tasks WHERE account_id = accounts.id AND state NOT IN ('success', 'fail')) AS open_tasks
FROM accounts ORDER BY created_at;

-- name: page_accounts(prefix, after, most)
-- Accounts whose names begin so, by name, from the one that follows `after` on; as `list_accounts` has them.
SELECT accounts.*, CASE WHEN engine_day = date_trunc('day', now(), 'UTC') THEN engine_seconds ELSE 0 END AS engine_used,
       (SELECT count(*) FROM api_keys WHERE account_id = accounts.id AND revoked_at IS NULL) AS keys,
       (SELECT count(*) FROM tasks WHERE account_id = accounts.id AND state NOT IN ('success', 'fail')) AS open_tasks
FROM accounts WHERE starts_with(id, :prefix) AND id > :after ORDER BY id LIMIT :most;

-- name: find_account(id)^
-- An account, as `list_accounts` has it.
SELECT accounts.*, CASE WHEN engine_day = date_trunc('day', now(), 'UTC') THEN engine_seconds ELSE 0 END AS engine_used,
       (SELECT count(*) FROM api_keys WHERE account_id = accounts.id AND revoked_at IS NULL) AS keys,
       (SELECT count(*) FROM tasks WHERE account_id = accounts.id AND state NOT IN ('success', 'fail')) AS open_tasks
FROM accounts WHERE id = :id;

-- name: page_keys(account_id, before, most)
-- An account's keys, the newest first, from the one that follows the key of the id `before` on.
SELECT * FROM api_keys
WHERE account_id = :account_id
  AND (:before::text IS NULL OR (created_at, id) < (SELECT created_at, id FROM api_keys WHERE id = :before))
ORDER BY created_at DESC, id DESC LIMIT :most;

-- name: find_key_by_id(id)^
-- A key by what people call it.
SELECT * FROM api_keys WHERE id = :id;

-- name: set_caps(id, hour_cap, day_cap, total_cap)$
-- Set what a valid key may spend; no row for one that is revoked or that there is not.
UPDATE api_keys SET hour_cap = :hour_cap, day_cap = :day_cap, total_cap = :total_cap
WHERE id = :id AND revoked_at IS NULL
RETURNING id;

-- name: list_ledger(account_id, before, most)
-- An account's lines, the newest first, from the one that follows `before` on.
SELECT id, task_id, kind, credits, note, at FROM ledger
WHERE account_id = :account_id AND id < coalesce(:before::bigint, 9223372036854775807)
ORDER BY id DESC LIMIT :most;

-- name: insert_key(sha256, id, last4, account_id, source)!
-- Register a key, unless another transaction has registered it, by either of its unique columns.
INSERT INTO api_keys (sha256, id, last4, account_id, source) VALUES (:sha256, :id, :last4, :account_id, :source)
ON CONFLICT DO NOTHING;

-- name: restore_key(sha256)!
-- Make a revoked key valid again.
UPDATE api_keys SET revoked_at = NULL WHERE sha256 = :sha256 AND revoked_at IS NOT NULL;

-- name: add_key(sha256, id, last4, account_id, source, name, hour_cap, day_cap, total_cap, allow, admin)!
-- Create a key.
INSERT INTO api_keys (sha256, id, last4, account_id, source, name, hour_cap, day_cap, total_cap, allow, admin)
VALUES (:sha256, :id, :last4, :account_id, :source, :name, :hour_cap, :day_cap, :total_cap, :allow, :admin)
ON CONFLICT DO NOTHING;

-- name: find_key_to_rotate(id)^
-- Find a key by its id, and lock it against other rotations.
SELECT * FROM api_keys WHERE id = :id FOR UPDATE;

-- name: copy_key(id, sha256, new_id, last4)!
-- Create a key with the limits and the spending of another one.
INSERT INTO api_keys (sha256, id, last4, account_id, source, name, hour_cap, day_cap, total_cap, allow, admin,
                      hour, hour_spent, day, day_spent, total_spent)
SELECT :sha256, :new_id, :last4, account_id, source, name, hour_cap, day_cap, total_cap, allow, admin,
       hour, hour_spent, day, day_spent, total_spent
FROM api_keys WHERE id = :id;

-- name: list_keys(account_id)
-- The keys of an account, or of all.
SELECT * FROM api_keys WHERE :account_id::text IS NULL OR account_id = :account_id ORDER BY created_at;

-- name: revoke_key(id)^
-- Revoke a key, and return it; one that was revoked before keeps its time.
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = :id RETURNING *;

-- name: top_up(account_id, credits, note)$
-- Add credits to an account; no row when it has no balance, or does not exist.
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
-- Reserve credits of an account; no row means that its balance is too low. An account without a balance has no limit.
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
-- Settle an ended task: return what was reserved and not consumed, and record its cost.
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
-- Subtract from a key's sums what a task was counted with and did not cost, where its hour and day are still current.
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
-- A key of any account.
SELECT * FROM api_keys WHERE sha256 = :sha256;

-- name: acquire_slot(name, most, seconds)$
-- Record an action now, if it was done less than `most` times in the last seconds; no row if not.
INSERT INTO rate_limits (name, times) VALUES (:name, ARRAY[clock_timestamp()])
ON CONFLICT (name) DO UPDATE SET times =
    ARRAY(SELECT t FROM unnest(rate_limits.times) AS t WHERE t > clock_timestamp() - make_interval(secs => :seconds))
    || clock_timestamp()
WHERE (SELECT count(*) FROM unnest(rate_limits.times) AS t
       WHERE t > clock_timestamp() - make_interval(secs => :seconds)) < :most
RETURNING 1;

-- name: find_next_slot(name, seconds)$
-- Seconds until the oldest recorded action leaves the window.
SELECT extract(epoch FROM min(t) + make_interval(secs => :seconds) - clock_timestamp())::float8
FROM rate_limits, unnest(times) AS t
WHERE name = :name AND t > clock_timestamp() - make_interval(secs => :seconds);

-- name: forget_rate_limits(seconds)!
-- Delete the rate limits of callers who have sent nothing for a while.
DELETE FROM rate_limits WHERE NOT EXISTS (
    SELECT FROM unnest(times) AS t WHERE t > clock_timestamp() - make_interval(secs => :seconds)
);

-- name: forget_idempotency_keys(days)!
-- Forget old idempotency keys, which may then be used for other tasks.
UPDATE tasks SET idempotency_key = NULL
WHERE idempotency_key IS NOT NULL AND created_at < now() - make_interval(days => :days);

-- name: revoke_other_keys(account_id, source, sha256)!
-- Revoke all keys that this source made for an account, but for this one.
UPDATE api_keys SET revoked_at = now()
WHERE account_id = :account_id AND source = :source AND sha256 <> :sha256 AND revoked_at IS NULL;

-- name: find_caller(sha256)^
-- A valid key's account, with its limits, the addresses from which the key may be used, and whether it is an
-- administrator's.
SELECT account_id, sha256 AS key_sha256, allow, balance IS NOT NULL AS has_balance, create_limit, query_limit,
       weight, open_limit, megapixel_limit, engine_limit,
       coalesce(hour_cap, day_cap, total_cap) IS NOT NULL AS has_caps, admin
FROM api_keys JOIN accounts ON accounts.id = api_keys.account_id
WHERE sha256 = :sha256 AND revoked_at IS NULL;

-- name: make_secret(name, value)!
-- Set a shared secret, unless another process was first.
INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT DO NOTHING;

-- name: find_secret(name)$
-- A shared secret.
SELECT value FROM secrets WHERE name = :name;

-- name: lock_secrets()!
-- Lock the shared secrets against other changes until the end of this transaction.
LOCK TABLE secrets IN SHARE ROW EXCLUSIVE MODE;

-- name: retire_secret(name, former)!
-- Keep the secret of this name under the name `former`, instead of the one that is kept there.
INSERT INTO secrets (name, value) SELECT :former, value FROM secrets WHERE name = :name
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: set_secret(name, value)!
-- Set a shared secret, whatever it was.
INSERT INTO secrets (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: forget_secret(name)!
-- Remove a shared secret.
DELETE FROM secrets WHERE name = :name;
