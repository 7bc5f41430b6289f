-- name: lock_engine_use(id)^
-- Lock an account until the end of this transaction: the seconds of the engine that it has used today (UTC), and the
-- seconds until tomorrow.
SELECT CASE WHEN engine_day = date_trunc('day', now(), 'UTC') THEN engine_seconds ELSE 0 END AS engine_used,
       extract(epoch FROM date_trunc('day', now(), 'UTC') + interval '24 hours' - now())::float8 AS day_left
FROM accounts WHERE id = :id FOR NO KEY UPDATE;

-- name: count_open_tasks(account_id)^
-- How many open tasks an account has, and how many pixels their pictures, where these are counted.
SELECT count(*) AS tasks, coalesce(sum(pixels), 0)::bigint AS pixels FROM open_tasks WHERE account_id = :account_id;

-- name: change_limits(id, given, create_limit, query_limit, weight, open_limit, megapixel_limit, engine_limit)$
-- Set those of an account's limits that are named in `given`; no row when there is no such account.
UPDATE accounts SET
    create_limit = CASE WHEN 'create_limit' = ANY(:given::text[]) THEN :create_limit::int ELSE create_limit END,
    query_limit = CASE WHEN 'query_limit' = ANY(:given::text[]) THEN :query_limit::int ELSE query_limit END,
    weight = CASE WHEN 'weight' = ANY(:given::text[]) THEN :weight::float8 ELSE weight END,
    open_limit = CASE WHEN 'open_limit' = ANY(:given::text[]) THEN :open_limit::int ELSE open_limit END,
    megapixel_limit = CASE WHEN 'megapixel_limit' = ANY(:given::text[]) THEN :megapixel_limit::int ELSE megapixel_limit END,
    engine_limit = CASE WHEN 'engine_limit' = ANY(:given::text[]) THEN :engine_limit::int ELSE engine_limit END
WHERE id = :id
RETURNING id;
