"""Receives callbacks during development, prints them, and forwards them to an app."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from rich.markup import escape

from enlarger.cli.output import Output, plain
from enlarger.cli.result_origin import from_sandbox
from enlarger.cli.signals import handling
from enlarger.cli.streams import StdoutUnwritable
from enlarger.cli.task_document import task_document
from enlarger.client.options import is_loopback
from enlarger.client.webhooks import Callback, read_unverified, unwrap
from enlarger.errors import ConfigurationError, EnlargerError, InvalidInput, InvalidSignature, ServiceError
from enlarger.protocol.inline import is_url
from enlarger.protocol.signatures import BODY_ID, BODY_SIGNATURE, BODY_TIMESTAMP, TASK_SIGNATURE, TASK_TIMESTAMP

_LARGEST_BODY = 10_000_000
_ANSWER_SECONDS = 15.0
_PASSED_ON = ("Content-Type", BODY_ID, BODY_TIMESTAMP, BODY_SIGNATURE, TASK_TIMESTAMP, TASK_SIGNATURE)


def listen(
    output: Output, *, host: str, port: int, forward_to: str | None, key: str | None, data_dir: Path | None = None
) -> None:
    """Receive callbacks until Ctrl-C, SIGTERM, or the closing of the terminal.

    Each is printed on a line, with `--json` as JSON. With a `key`, only correctly signed ones are accepted. If they are
    forwarded, the app's response is returned, so the service retries when the app fails.
    The service of the data directory may reach this address meanwhile, and nothing else of this machine.
    """
    with open_app(forward_to) as http:
        receiver = Receiver(output, http, forward_to, key)
        try:
            server = Server(receiver, host, port)
        except (OSError, UnicodeError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or error
            raise ConfigurationError(f"Cannot listen on {host}:{port}: {reason}.") from None
        with server, _until_stopped(server), open_to_service(server, host, data_dir, output):
            address = f"http://{f'[{host}]' if ':' in host else host}:{server.server_address[1]}/"
            output.line(address, {"listening": address})
            output.hint("Use this address as callBackUrl (KIE_CALLBACK_URL). Stop with Ctrl-C.")
            if forward_to:
                output.hint(f"Callbacks are forwarded to {escape(_plain_url(forward_to))}")
            server.serve_forever()


@contextmanager
def open_to_service(server: Server, host: str, data_dir: Path | None, output: Output) -> Iterator[None]:
    """Let this user's own service call the server, which is on this machine or in its network."""
    try:
        from enlarger.all_settings import load_settings
        from enlarger.infra.data_directory import DataDirectory
    except ModuleNotFoundError:  # only the client is installed
        yield
        return
    address, port = server.server_address[:2]
    everywhere = host in ("localhost", "0.0.0.0", "::")
    names = ("127.0.0.1", "::1") if everywhere else (str(address),)
    data = DataDirectory(load_settings(data_dir=data_dir).data_dir)
    with ExitStack() as stack:
        try:
            data.require()
            stack.enter_context(data.listening([(ip_address(name), int(port)) for name in names]))
        except (EnlargerError, OSError) as error:
            output.hint(f"[yellow]A service on this machine cannot call this address:[/] {escape(str(error))}")
        yield


def open_app(forward_to: str | None) -> httpx2.Client:
    """A client for the app that callbacks are forwarded to. Raises InvalidInput when that is no URL."""
    host = ""
    with suppress(httpx2.InvalidURL, ValueError):
        if forward_to is not None and is_url(forward_to):
            httpx2.URL(forward_to)
            host = urlsplit(forward_to).hostname or ""
    if forward_to is not None and not host:
        raise InvalidInput("--forward-to", "--forward-to is not a URL: give http://… or https://….")
    # A proxy of the environment's is for the world outside, not for an app on this machine.
    trust_env = forward_to is None or not is_loopback(forward_to)
    return httpx2.Client(timeout=_ANSWER_SECONDS, follow_redirects=False, trust_env=trust_env)


def _plain_url(url: str) -> str:
    """A URL without what may be a secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


@contextmanager
def _until_stopped(server: ThreadingHTTPServer) -> Iterator[None]:
    """End the server at a signal to stop, as something that was asked for and not as an error."""

    def stop(_number: int, _frame: object) -> None:
        # From another thread, because it waits for the loop that this one is in.
        threading.Thread(target=server.shutdown, daemon=True).start()

    with handling(stop):
        yield


class Server(ThreadingHTTPServer):
    """A thread for every callback, so that none has to wait for another's app."""

    def __init__(self, receiver: Receiver, host: str, port: int) -> None:
        self.address_family: socket.AddressFamily = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), receiver.handler())
        self._receiver = receiver

    def service_actions(self) -> None:
        """End the server once its output can no longer be printed."""
        if self._receiver.unread is not None:
            raise self._receiver.unread

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore a client that has disconnected; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Receiver:
    """Receives callbacks."""

    def __init__(self, output: Output, http: httpx2.Client, forward_to: str | None, key: str | None) -> None:
        self._output = output
        self._http = http
        self._forward_to = forward_to
        self._key = key
        self._turn = threading.Lock()
        self.unread: StdoutUnwritable | BrokenPipeError | None = None
        """Why a callback could not be printed, if one could not."""

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """Receive and forward a callback; returns the HTTP status of the response."""
        try:
            callback = unwrap(body, headers, key=self._key) if self._key else read_unverified(body)
        except InvalidSignature as error:
            self._print_refused(error.message)
            return 401
        except ServiceError as error:
            self._print_refused(error.message)
            return 400
        status = self._pass_on(body, headers) if self._forward_to else 200
        self._say(callback, status)
        return status

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """A handler of requests that gives them to this receiver."""
        take: Callable[[bytes, dict[str, str]], int] = self.take

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_POST(self) -> None:
                length = self.headers.get("Content-Length", "")
                is_number = length.isascii() and length.isdigit()
                if not is_number or len(length) > 9 or int(length) > _LARGEST_BODY:
                    self.close_connection = True
                    self._answer(413 if is_number else 411)
                    return
                body = self.rfile.read(int(length))
                if len(body) == int(length):  # else the client has disconnected
                    self._answer(take(body, dict(self.headers.items())))

            def do_GET(self) -> None:
                self._answer(200)

            def _answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    def _pass_on(self, body: bytes, headers: dict[str, str]) -> int:
        """The app's answer; 502 when it gave none."""
        assert self._forward_to is not None
        given = {name.lower(): value for name, value in headers.items()}
        passed = {name: given[name.lower()] for name in _PASSED_ON if name.lower() in given}
        try:
            return self._http.post(self._forward_to, content=body, headers=passed).status_code
        except httpx2.HTTPError as error:
            with self._turn:
                self._output.hint(f"[red]the app does not respond[/] ({type(error).__name__})")
            return 502

    def _say(self, callback: Callback, status: int) -> None:
        task = callback.task
        outcome = ", ".join(task.urls) or task.fail_message
        sandbox = "SANDBOX" if from_sandbox(task) else None
        proof = {"body": "signed", "task": "signed (id only)"}.get(callback.verified, "not verified")
        answer = f"-> {status}" if self._forward_to else None
        when = f"{datetime.now().astimezone():%H:%M:%S}"
        with self._turn:
            try:
                self._output.line(
                    " ".join(filter(None, (when, task.state, task.task_id, outcome, sandbox, f"[{proof}]", answer))),
                    {"task": task_document(task), "verified": callback.verified, "answer": status},
                )
            except (StdoutUnwritable, BrokenPipeError) as error:  # the callback is answered nevertheless
                self.unread = error

    def _print_refused(self, reason: str) -> None:
        with self._turn:
            self._output.hint(f"[red]refused:[/] {escape(plain(reason))}")
