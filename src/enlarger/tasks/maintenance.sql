-- name: begin_maintenance(message, seconds)^
-- Close the service for new tasks, or change what is said about it; what is null stays, and an empty message goes.
INSERT INTO maintenance (message, ends_at)
VALUES (nullif(:message::text, ''), now() + make_interval(secs => :seconds::float8))
ON CONFLICT (only_row) DO UPDATE
SET message = nullif(coalesce(:message::text, maintenance.message), ''),
    ends_at = coalesce(EXCLUDED.ends_at, maintenance.ends_at)
RETURNING message, began_at, extract(epoch FROM ends_at - now())::float8 AS seconds;

-- name: end_maintenance()$
-- Open the service again; no row when it was open.
DELETE FROM maintenance RETURNING 1;

-- name: find_maintenance()^
-- What is said while the service is closed for new tasks; no row when it is open.
SELECT message, began_at, extract(epoch FROM ends_at - now())::float8 AS seconds FROM maintenance;
