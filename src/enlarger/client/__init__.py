"""The SDK: clients of the hosted KIE service and of Enlarger."""

import logging

from enlarger.client import webhooks
from enlarger.client.async_client import KieApiClient
from enlarger.client.async_handle import TaskHandle
from enlarger.client.http import set_app_info
from enlarger.client.nano_banana import NanoBananaClient
from enlarger.client.options import HOSTED_URL, Options
from enlarger.client.raw import RawResponse
from enlarger.client.records import ModelInfo, Quote, Result, TaskPage, TaskStatus, UploadedFile
from enlarger.client.schedule import Seconds
from enlarger.client.sync_client import SyncKieApiClient
from enlarger.client.sync_handle import SyncTaskHandle
from enlarger.client.sync_nano_banana import SyncNanoBananaClient
from enlarger.client.waiting import OnProgress
from enlarger.client.webhooks import Callback

__all__ = [
    "HOSTED_URL",
    "Callback",
    "KieApiClient",
    "ModelInfo",
    "NanoBananaClient",
    "OnProgress",
    "Options",
    "Quote",
    "RawResponse",
    "Result",
    "Seconds",
    "SyncKieApiClient",
    "SyncNanoBananaClient",
    "SyncTaskHandle",
    "TaskHandle",
    "TaskPage",
    "TaskStatus",
    "UploadedFile",
    "set_app_info",
    "webhooks",
]

# A library is silent until its user says where logs go.
logging.getLogger("enlarger.client").addHandler(logging.NullHandler())
