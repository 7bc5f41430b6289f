-- name: note_request(token)$
-- Record that a request is carried out; no row when it was before.
INSERT INTO requests_done (token_sha256) VALUES (sha256(convert_to(:token, 'UTF8'))) ON CONFLICT DO NOTHING RETURNING 1;

-- name: forget_requests(days)!
-- Forget requests that nobody sends again.
DELETE FROM requests_done WHERE at < now() - make_interval(days => :days);
