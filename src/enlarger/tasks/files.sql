-- name: insert_file(id, account_id, task_id, attempt_id, key, name, mime_type, size, sha256, expires_at)!
-- Record a stored file.
INSERT INTO files (id, account_id, task_id, attempt_id, key, name, mime_type, size, sha256, expires_at)
VALUES (:id, :account_id, :task_id, :attempt_id, :key, :name, :mime_type, :size, :sha256, :expires_at)
ON CONFLICT DO NOTHING;

-- name: find_file(id)^
-- A stored file that has not expired.
SELECT * FROM files WHERE id = :id AND expires_at > now();

-- name: find_some_files(ids)
-- Stored files that have not expired, by their ids.
SELECT * FROM files WHERE id = ANY(:ids::text[]) AND expires_at > now();

-- name: find_expired_files(most)
-- Expired files, oldest first.
SELECT * FROM files WHERE expires_at <= now() ORDER BY expires_at LIMIT :most;

-- name: delete_file(id)$
-- Delete the row of a file that is no longer stored; no row when another process has.
DELETE FROM files WHERE id = :id RETURNING 1;

-- name: lock_account(account_id)^
-- Lock the sum of what an account has stored.
SELECT 1 FROM accounts WHERE id = :account_id FOR NO KEY UPDATE;

-- name: sum_files(account_id, id)$
-- The bytes that an account has stored, beside one file.
SELECT coalesce(sum(size), 0)::bigint FROM files WHERE account_id = :account_id AND id <> :id AND expires_at > now();
