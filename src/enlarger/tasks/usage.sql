-- name: roll_up_usage(again)!
-- Sum up the days that are over and have not been summed up, and the last days before them again, for what came late.
-- Figures that have become lower because tasks were removed stay.
WITH days AS (
    SELECT (now() AT TIME ZONE 'UTC')::date - 1 AS last, (SELECT max(day) FROM usage_days) AS summed,
           least((SELECT min(completed_at) FROM tasks), (SELECT min(started_at) FROM attempts)) AS oldest
), span AS (
    SELECT coalesce(summed - :again::int, (oldest AT TIME ZONE 'UTC')::date, last) AS first, last
    FROM days WHERE summed IS NULL OR summed < last
)
INSERT INTO usage_days (day, model, provider, tasks, failures, credits, dollars)
SELECT usage.* FROM span, sum_usage(first, last) AS usage
UNION ALL SELECT last, '', '', 0, 0, 0, 0 FROM span
ORDER BY 1, 2, 3
ON CONFLICT (day, model, provider) DO UPDATE SET
    tasks = EXCLUDED.tasks, failures = EXCLUDED.failures, credits = EXCLUDED.credits, dollars = EXCLUDED.dollars
WHERE EXCLUDED.tasks >= usage_days.tasks;

-- name: read_usage(days)
-- The sums of the last days, today included: by day, by model and by provider.
WITH span AS (
    SELECT (now() AT TIME ZONE 'UTC')::date - :days::int + 1 AS first, (now() AT TIME ZONE 'UTC')::date AS today,
           coalesce((SELECT max(day) + 1 FROM usage_days), '2000-01-01'::date) AS live
)
SELECT day, model, provider,
       coalesce(sum(tasks) FILTER (WHERE provider = ''), 0)::bigint AS tasks,
       coalesce(sum(failures) FILTER (WHERE provider = ''), 0)::bigint AS failures,
       coalesce(sum(tasks) FILTER (WHERE provider <> ''), 0)::bigint AS attempts,
       coalesce(sum(failures) FILTER (WHERE provider <> ''), 0)::bigint AS failed_attempts,
       sum(credits) AS credits, sum(dollars) AS dollars
FROM (SELECT * FROM usage_days WHERE day >= (SELECT first FROM span)
      UNION ALL SELECT usage.* FROM span, sum_usage(greatest(first, live), today) AS usage) AS usage
GROUP BY GROUPING SETS ((day), (model), (provider));

-- name: read_usage_totals()
-- The sums of all days: a model's tasks have no provider, its attempts at each provider have one.
WITH span AS (
    SELECT (now() AT TIME ZONE 'UTC')::date AS today,
           coalesce((SELECT max(day) + 1 FROM usage_days), '2000-01-01'::date) AS live
)
SELECT model, provider, sum(tasks)::bigint AS tasks, sum(failures)::bigint AS failures, sum(credits) AS credits,
       sum(dollars) AS dollars
FROM (SELECT * FROM usage_days WHERE model <> ''
      UNION ALL SELECT usage.* FROM span, sum_usage(live, today) AS usage) AS usage
GROUP BY model, provider;

-- name: list_days(days)
-- The days of such a period.
SELECT (date_trunc('day', now(), 'UTC') AT TIME ZONE 'UTC')::date - :days::int + number AS day
FROM generate_series(1, :days::int) AS number;

-- name: sum_files_by_kind()
-- How many files are stored, and how many bytes: results, results that came too late, and uploads.
SELECT CASE WHEN attempt_id IS NOT NULL THEN 'orphans' WHEN task_id IS NOT NULL THEN 'results' ELSE 'uploads' END AS kind,
       count(*) AS files, sum(size)::bigint AS bytes
FROM files GROUP BY 1 ORDER BY 1;

-- name: describe_database()^
-- The version of Postgres and the size of the database.
SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes;
