-- name: look_through_tasks(account_id, states, model, text, since, before, before_id, look, most)^
-- Look through an account's `look` newest tasks in these states that were created since then and before another one:
-- how many they are, the oldest of them, and the ids of the newest ones that are of the model and have the text in
-- their prompt. Each state is a range of an index, so that only what is looked at is read.
WITH looked AS (
    SELECT found.* FROM unnest(:states::text[]) AS wanted (state)
    CROSS JOIN LATERAL (
        SELECT id, created_at, CASE WHEN :text::text IS NOT NULL THEN input ->> 'prompt' END AS prompt, model FROM tasks
        WHERE account_id = :account_id AND tasks.state = wanted.state
          AND created_at >= coalesce(:since::timestamptz, '-infinity')
          AND (created_at, id) < (coalesce(:before::timestamptz, 'infinity'), :before_id::text)
        ORDER BY created_at DESC, id DESC LIMIT :look
    ) AS found
    ORDER BY created_at DESC, id DESC LIMIT :look
)
SELECT count(*) AS looked, min(created_at) AS oldest, (array_agg(id ORDER BY created_at, id))[1] AS oldest_id,
       ARRAY(SELECT id FROM looked
             WHERE (:model::text IS NULL OR model = :model) AND (:text::text IS NULL OR prompt ILIKE :text)
             ORDER BY created_at DESC, id DESC LIMIT :most) AS ids
FROM looked;

-- name: look_through_all_tasks(states, model, text, since, before, before_id, look, most)^
-- The same for the tasks of all accounts.
WITH looked AS (
    SELECT found.* FROM unnest(:states::text[]) AS wanted (state)
    CROSS JOIN LATERAL (
        SELECT id, created_at, CASE WHEN :text::text IS NOT NULL THEN input ->> 'prompt' END AS prompt, model FROM tasks
        WHERE tasks.state = wanted.state
          AND created_at >= coalesce(:since::timestamptz, '-infinity')
          AND (created_at, id) < (coalesce(:before::timestamptz, 'infinity'), :before_id::text)
        ORDER BY created_at DESC, id DESC LIMIT :look
    ) AS found
    ORDER BY created_at DESC, id DESC LIMIT :look
)
SELECT count(*) AS looked, min(created_at) AS oldest, (array_agg(id ORDER BY created_at, id))[1] AS oldest_id,
       ARRAY(SELECT id FROM looked
             WHERE (:model::text IS NULL OR model = :model) AND (:text::text IS NULL OR prompt ILIKE :text)
             ORDER BY created_at DESC, id DESC LIMIT :most) AS ids
FROM looked;

-- name: find_listed_tasks(ids)
-- Tasks by their ids, newest first.
SELECT * FROM tasks WHERE id = ANY(:ids::text[]) ORDER BY created_at DESC, id DESC;

-- name: find_tasks_by_prefix(prefix, most)
-- Tasks of any account whose ids begin like this; of the characters that ids have, "f" is the last in every collation.
SELECT * FROM tasks WHERE id >= :prefix::text AND id < :prefix::text || 'g' LIMIT :most;

-- name: count_listed_tasks(account_id, states, since, before, most)
-- Count an account's tasks by state, the newest `most` in each: the order is that of an index.
SELECT state, (SELECT count(*) FROM (
    SELECT FROM tasks
    WHERE account_id = :account_id AND tasks.state = wanted.state
      AND created_at >= coalesce(:since::timestamptz, '-infinity')
      AND created_at < coalesce(:before::timestamptz, 'infinity')
    ORDER BY created_at DESC, id DESC LIMIT :most) AS found) AS count
FROM unnest(:states::text[]) AS wanted (state);

-- name: count_all_listed_tasks(states, since, before, most)
-- The same for the tasks of all accounts.
SELECT state, (SELECT count(*) FROM (
    SELECT FROM tasks
    WHERE tasks.state = wanted.state
      AND created_at >= coalesce(:since::timestamptz, '-infinity')
      AND created_at < coalesce(:before::timestamptz, 'infinity')
    ORDER BY created_at DESC, id DESC LIMIT :most) AS found) AS count
FROM unnest(:states::text[]) AS wanted (state);
