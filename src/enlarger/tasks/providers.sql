-- name: read_provider_states()
-- What keeps providers from being asked, and for how many seconds more.
SELECT name, state, reason, greatest(extract(epoch FROM until - now()), 0)::float8 AS seconds, updated_at
FROM provider_states ORDER BY name;

-- name: write_provider_state(name, state, reason, seconds)$
-- Tell other processes how a provider stands; when that was. No row when more is known already: what is suspended is no
-- better for a while, and of two times the later one counts.
INSERT INTO provider_states (name, state, reason, until)
VALUES (:name, :state, :reason, now() + make_interval(secs => :seconds::float8))
ON CONFLICT (name) DO UPDATE SET
    state = EXCLUDED.state,
    reason = EXCLUDED.reason,
    until = CASE WHEN provider_states.state = EXCLUDED.state THEN greatest(provider_states.until, EXCLUDED.until)
                 ELSE EXCLUDED.until END,
    updated_at = clock_timestamp()
WHERE provider_states.state <> 'suspended' OR EXCLUDED.state IN ('ok', 'suspended')
RETURNING updated_at;

-- name: claim_probe(name, most)$
-- Take it upon oneself to ask a provider that is open or suspended, when that is due: the seconds until the next one may.
-- The pauses of one that is suspended double, up to the most.
UPDATE provider_states SET
    until = now() + CASE state WHEN 'open' THEN until - updated_at
                    ELSE least(2 * (until - updated_at), make_interval(secs => :most::float8)) END,
    updated_at = now()
WHERE name = :name AND state IN ('open', 'suspended') AND until <= now()
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

-- name: find_caps(provider, account_id)
-- The caps that apply: the provider's, the account's, or both.
SELECT kind, name FROM budgets
WHERE (kind, name) IN (('provider', :provider::text), ('account', :account_id::text))
  AND coalesce(day_cap, month_cap) IS NOT NULL
ORDER BY kind DESC;

-- name: read_overcharges()
-- What providers have charged this month beyond what was reserved.
SELECT provider, count(*) AS tasks, sum(dollars - reserved) AS dollars
FROM attempts
WHERE dollars > reserved AND started_at >= date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
GROUP BY provider
ORDER BY provider;

-- name: settle_dollars(id, dollars)!
-- Correct the sums of the day and the month of a submission by what it really cost.
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

-- name: read_workers(prefix)
-- The connection names of the workers that are running.
SELECT DISTINCT application_name FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, :prefix);

-- name: account_exists(id)$
-- Whether there is an account of this name.
SELECT EXISTS (SELECT FROM accounts WHERE id = :id);

-- name: read_provider_work(seconds)
-- For each provider: its open tasks, and the outcomes of submissions and results in the last seconds.
SELECT provider AS name,
       count(*) FILTER (WHERE unfinished AND abandoned_at IS NULL) AS open,
       count(*) FILTER (WHERE recent) AS submitted,
       count(*) FILTER (WHERE recent AND (accepted_at IS NOT NULL OR state = 'succeeded')) AS accepted,
       count(*) FILTER (WHERE recent AND state = 'failed') AS failed,
       count(*) FILTER (WHERE recent AND state = 'unknown') AS unknown,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM accepted_at - started_at)::float8)
           FILTER (WHERE recent) AS acceptance,
       percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM made_at - started_at)::float8)
           FILTER (WHERE made_at > now() - make_interval(secs => :seconds)) AS result
FROM (SELECT *, started_at > now() - make_interval(secs => :seconds) AS recent,
             coalesce(finished_at, CASE state WHEN 'succeeded' THEN ended_at END) AS made_at,
             state IN ('submitting', 'accepted', 'unknown') AS unfinished
      FROM (SELECT * FROM attempts WHERE state <> 'skipped' AND started_at > now() - interval '1 day'
            UNION ALL SELECT * FROM unfinished_attempts WHERE started_at <= now() - interval '1 day') AS attempts
     ) AS attempts
GROUP BY provider;

-- name: list_orphans(before, most)
-- Attempts that were paid for, or may have been, and whose results no task used; the newest first, or those that follow
-- another one.
SELECT attempts.id, task_id, account_id, tasks.model, base_url, provider, provider_task_id, attempts.state, error, dollars,
       started_at, abandoned_at, ended_at, next_poll_at
FROM attempts JOIN tasks ON tasks.id = task_id
WHERE abandoned_at IS NOT NULL AND attempts.state IN ('succeeded', 'unknown')
  AND (:before::bigint IS NULL
       OR (abandoned_at, attempts.id) < (SELECT abandoned_at, id FROM attempts WHERE id = :before::bigint))
ORDER BY abandoned_at DESC, attempts.id DESC LIMIT :most;

-- name: find_orphans_files(attempt_ids)
-- The files of orphans that are still kept.
SELECT * FROM files WHERE attempt_id = ANY(:attempt_ids::bigint[]) AND expires_at > now() ORDER BY attempt_id, name;
