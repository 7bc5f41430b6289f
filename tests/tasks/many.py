"""Many tasks at once, for tests of lists and for the benchmark."""

from __future__ import annotations

from enlarger.infra.database import Connection

_FILL = """
    INSERT INTO tasks (id, account_id, model, input, base_url, request_sha256, state, progress, result, fail_code,
                       fail_message, answered_by, created_at, updated_at, completed_at)
    SELECT md5(n::text), CASE WHEN n % 10 = 0 THEN 'other' ELSE 'default' END,
           CASE WHEN n % 1000 = 7 THEN 'topaz/image-upscale' ELSE 'google/nano-banana' END,
           jsonb_build_object('prompt', 'a house beside the lake number ' || n || ', in the light of the morning'),
           'http://service', '', state, CASE state WHEN 'success' THEN 100 ELSE 0 END,
           CASE state WHEN 'success' THEN '{"files": [], "made": {"provider": "kie", "engine": ""}}'::jsonb END,
           CASE state WHEN 'fail' THEN '422' END, CASE state WHEN 'fail' THEN 'The picture is a GIF.' END,
           now(), at, at, CASE WHEN state IN ('success', 'fail') THEN at + interval '9 seconds' END
    FROM (SELECT n, now() - n * interval '1 minute' AS at,
                 CASE WHEN n < 40 THEN 'waiting' WHEN n % 20 = 0 THEN 'fail' ELSE 'success' END AS state
          FROM generate_series(1, $1::int) AS n) AS made
"""


async def fill(connection: Connection, tasks: int) -> None:
    """Insert so many tasks, one created in each minute up to now, nine in ten of them the default account's.

    The newest 39 are open; one in twenty of the others has failed. One in a thousand is for another model.
    """
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # no events
        await connection.execute("INSERT INTO accounts (id) VALUES ('default'), ('other') ON CONFLICT DO NOTHING")
        await connection.execute(_FILL, tasks)
    await connection.execute("ANALYZE tasks")
