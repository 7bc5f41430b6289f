"""Enlarge a photo with the client that `openapi-python-client` has made of the API's description."""

import os
import sys
import time
from io import BytesIO
from pathlib import Path

import httpx
from enlarger_client import AuthenticatedClient
from enlarger_client.api.files import stream_upload
from enlarger_client.api.tasks import cancel_task, list_tasks, show_task, submit_task
from enlarger_client.models import (
    CreateTaskRequest,
    CreateTaskRequestInput,
    RefusalReply,
    StreamUploadRequest,
    TaskState,
)
from enlarger_client.types import File

photo, result = map(Path, sys.argv[1:])
client = AuthenticatedClient(
    base_url=os.environ["ENLARGER_BASE_URL"], token=os.environ["ENLARGER_API_KEY"], raise_on_unexpected_status=True
)

form = StreamUploadRequest(file=File(payload=BytesIO(photo.read_bytes()), file_name=photo.name, mime_type="image/jpeg"))
upload = stream_upload.sync(client=client, body=form).data
print("uploaded", upload.file_size, "bytes of", upload.mime_type)

wish = CreateTaskRequestInput.from_dict({"image_url": upload.file_url, "upscale_factor": "2"})
body = CreateTaskRequest(model="real-esrgan/fast", input_=wish)
made = submit_task.sync_detailed(client=client, body=body, idempotency_key=upload.file_url)
again = submit_task.sync_detailed(client=client, body=body, idempotency_key=upload.file_url)
assert (made.status_code, again.status_code) == (201, 200)
task_id = made.parsed.data.task_id
assert again.parsed.data.task_id == task_id

until = time.monotonic() + 300
while (whole := show_task.sync(task_id, client=client).data).record.state not in (TaskState.SUCCESS, TaskState.FAIL):
    assert time.monotonic() < until, whole.record
    time.sleep(0.3)
assert whole.record.state == TaskState.SUCCESS, whole.record.fail_msg
result.write_bytes(httpx.get(whole.result_urls[0]).raise_for_status().content)
print("enlarged to", whole.record.enlarger.width, "x", whole.record.enlarger.height, "by", whole.record.enlarger.engine)

assert [task.task_id for task in list_tasks.sync(client=client, limit=1).data.tasks] == [task_id]
assert cancel_task.sync(task_id, client=client).data.state == TaskState.SUCCESS
unknown = show_task.sync_detailed("nothing", client=client)
assert unknown.status_code == 404
assert isinstance(unknown.parsed, RefusalReply)
wrong = CreateTaskRequest(model="real-esrgan/fast", input_=CreateTaskRequestInput())
refused = submit_task.sync_detailed(client=client, body=wrong)
assert refused.status_code == 422
print("refused:", refused.parsed.errors[0].field, "-", refused.parsed.errors[0].message)
