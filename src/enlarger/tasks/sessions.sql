-- name: insert_session(token_sha256, key_sha256, admin, seconds)$
-- Open a session; no row if the key is revoked.
INSERT INTO sessions (token_sha256, key_sha256, admin, expires_at)
SELECT :token_sha256, sha256, admin OR :admin::bool, now() + make_interval(secs => :seconds)
FROM api_keys WHERE sha256 = :key_sha256 AND revoked_at IS NULL
ON CONFLICT (token_sha256) DO UPDATE SET expires_at = excluded.expires_at
RETURNING 1;

-- name: find_session(token_sha256)^
-- A session's caller, as `find_caller` returns it, and whether it is an administrator's; no row once it has expired or its
-- key is revoked.
SELECT account_id, key_sha256, allow, balance IS NOT NULL AS has_balance, create_limit, query_limit,
       weight, open_limit, megapixel_limit, engine_limit,
       coalesce(hour_cap, day_cap, total_cap) IS NOT NULL AS has_caps, sessions.admin
FROM sessions
JOIN api_keys ON api_keys.sha256 = sessions.key_sha256
JOIN accounts ON accounts.id = api_keys.account_id
WHERE token_sha256 = :token_sha256 AND expires_at > now() AND revoked_at IS NULL;

-- name: close_session(token_sha256)!
-- End a session.
DELETE FROM sessions WHERE token_sha256 = :token_sha256;

-- name: insert_sign_in_link(token_sha256, key_sha256, seconds)!
-- Create a link that opens one administrator's session.
INSERT INTO sign_in_links (token_sha256, key_sha256, admin, expires_at)
VALUES (:token_sha256, :key_sha256, true, now() + make_interval(secs => :seconds))
ON CONFLICT DO NOTHING;

-- name: use_sign_in_link(token_sha256)^
-- Use up a link.
DELETE FROM sign_in_links WHERE token_sha256 = :token_sha256 AND expires_at > now() RETURNING key_sha256, admin;

-- name: forget_sessions()!
-- Delete expired sessions and links.
WITH links_gone AS (DELETE FROM sign_in_links WHERE expires_at <= now())
DELETE FROM sessions WHERE expires_at <= now();
