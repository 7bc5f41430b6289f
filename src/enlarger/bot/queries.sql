-- name: find_bot_user(user_id)^
-- A user of the bot.
SELECT * FROM bot_users WHERE user_id = :user_id;

-- name: insert_bot_user(user_id, account_id, language)!
-- Take note of a new user; nothing happens when they are known.
INSERT INTO bot_users (user_id, account_id, language) VALUES (:user_id, :account_id, :language) ON CONFLICT DO NOTHING;

-- name: change_bot_user(user_id, language, quality, subscribed, blocked)^
-- Change what is not null.
UPDATE bot_users
SET language = COALESCE(:language, language),
    quality = COALESCE(:quality, quality),
    subscribed = COALESCE(:subscribed, subscribed),
    blocked = COALESCE(:blocked, blocked)
WHERE user_id = :user_id
RETURNING *;

-- name: list_subscribers(after, most)
-- Users who want to be written to, by their ids.
SELECT * FROM bot_users
WHERE user_id > :after AND subscribed AND NOT blocked
ORDER BY user_id LIMIT :most;

-- name: bot_stats()^
-- What the bot has done so far, and in the last 24 hours.
SELECT users.*, jobs.*
FROM (
    SELECT count(*) AS users,
           count(*) FILTER (WHERE created_at > now() - interval '1 day') AS users_today,
           count(*) FILTER (WHERE subscribed AND NOT blocked) AS subscribed,
           count(*) FILTER (WHERE blocked) AS blocked
    FROM bot_users
) AS users, (
    SELECT count(*) AS jobs,
           count(*) FILTER (WHERE created_at > now() - interval '1 day') AS jobs_today,
           count(DISTINCT user_id) FILTER (WHERE created_at > now() - interval '1 day') AS active_today,
           count(*) FILTER (WHERE state IN ('new', 'running')) AS jobs_open,
           count(*) FILTER (WHERE state = 'failed' AND ended_at > now() - interval '1 day') AS jobs_failed_today,
           COALESCE(sum(CAST(result ->> 'credits' AS numeric)) FILTER (WHERE ended_at > now() - interval '1 day'), 0)
               AS credits_today
    FROM bot_jobs
) AS jobs;

-- name: lock_bot_user(user_id)^
-- For the rest of the transaction nobody else adds jobs of this user.
SELECT user_id FROM bot_users WHERE user_id = :user_id FOR NO KEY UPDATE;

-- name: count_open_bot_jobs(user_id)$
-- How many jobs of a user are open.
SELECT count(*) FROM bot_jobs WHERE user_id = :user_id AND state IN ('new', 'running');

-- name: insert_bot_job(user_id, chat_id, action, photo_ids, idempotency_key)^
-- Write a job down.
INSERT INTO bot_jobs (user_id, chat_id, action, photo_ids, idempotency_key)
VALUES (:user_id, :chat_id, :action, :photo_ids, :idempotency_key)
RETURNING *;

-- name: find_bot_twin(idempotency_key, user_id, action, photo_ids, seconds)^
-- The job that was made with this key, or of the same wish a moment ago: a button was pressed twice.
SELECT * FROM bot_jobs
WHERE idempotency_key = :idempotency_key
   OR (user_id = :user_id AND state IN ('new', 'running') AND action = :action AND photo_ids = :photo_ids
       AND created_at > now() - make_interval(secs => :seconds))
ORDER BY id LIMIT 1;

-- name: find_bot_job(id, user_id)^
-- A user's job.
SELECT * FROM bot_jobs WHERE id = :id AND user_id = :user_id;

-- name: list_open_bot_jobs()
-- All jobs with something left to do, oldest first.
SELECT * FROM bot_jobs WHERE state IN ('new', 'running') ORDER BY id;

-- name: list_bot_jobs(user_id, done, most)
-- A user's jobs, newest first, all or those that are done.
SELECT * FROM bot_jobs
WHERE user_id = :user_id AND (state = 'done' OR NOT CAST(:done AS boolean))
ORDER BY id DESC LIMIT :most;

-- name: change_bot_job(id, message_id, sent, task_id)^
-- Note of an open job what is not null; with a task it is running.
UPDATE bot_jobs
SET message_id = COALESCE(:message_id, message_id),
    sent = COALESCE(:sent, sent),
    task_id = COALESCE(:task_id, task_id),
    state = CASE WHEN COALESCE(:task_id, task_id) IS NULL THEN state ELSE 'running' END
WHERE id = :id AND state IN ('new', 'running')
RETURNING *;

-- name: end_bot_job(id, state, result, error)^
-- An open job has ended; no row when it had ended before.
UPDATE bot_jobs
SET state = :state, result = :result, error = :error, ended_at = now(), sent = NULL
WHERE id = :id AND state IN ('new', 'running')
RETURNING *;

-- name: get_bot_state(key)^
-- Where a conversation stands.
SELECT state, data FROM bot_state WHERE key = :key;

-- name: set_bot_state(key, state)!
-- A conversation has come to another state, or to none.
INSERT INTO bot_state (key, state) VALUES (:key, :state)
ON CONFLICT (key) DO UPDATE SET state = excluded.state, changed_at = now();

-- name: set_bot_data(key, data)!
-- What a conversation keeps in mind is another.
INSERT INTO bot_state (key, data) VALUES (:key, :data)
ON CONFLICT (key) DO UPDATE SET data = excluded.data, changed_at = now();

-- name: update_bot_data(key, data)$
-- A conversation keeps something more in mind; all that it does.
INSERT INTO bot_state (key, data) VALUES (:key, :data)
ON CONFLICT (key) DO UPDATE SET data = bot_state.data || excluded.data, changed_at = now()
RETURNING data;

-- name: forget_bot_state(key)!
-- A conversation that has no state and keeps nothing in mind is over.
DELETE FROM bot_state WHERE key = :key AND state IS NULL AND data = '{}';

-- name: trim_bot_state(seconds)!
-- Forget conversations that nobody has gone on with.
DELETE FROM bot_state WHERE changed_at < now() - make_interval(secs => :seconds);
