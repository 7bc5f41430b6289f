-- name: begin_maintenance(message, seconds)^
-- Close the service for new tasks, or change its notice: null keeps a value, and an empty message removes it.
INSERT INTO maintenance (message, ends_at)
VALUES (nullif(:message::text, ''), now() + make_interval(secs => :seconds::float8))
ON CONFLICT (only_row) DO UPDATE
SET message = nullif(coalesce(:message::text, maintenance.message), ''),
    ends_at = coalesce(EXCLUDED.ends_at, maintenance.ends_at)
RETURNING message, began_at, extract(epoch FROM ends_at - now())::float8 AS seconds;

-- name: end_maintenance()$
-- Open the service for new tasks; no row when it was open.
DELETE FROM maintenance RETURNING 1;

-- name: find_maintenance()^
-- The notice of a service that is closed for new tasks; no row when it is open.
SELECT message, began_at, extract(epoch FROM ends_at - now())::float8 AS seconds FROM maintenance;
