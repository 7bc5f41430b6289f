"""The data directory: one folder that holds all of an embedded service's state, and is held by one process.

enlarger.json    says that the folder is ours, and the version of this layout
lock             held while a service runs on the folder
service.json     who holds it, and where it answers
api-key          the default account's key, unless ENLARGER_API_KEY sets it (mode 0600)
postgres/        the embedded database
files/           stored pictures, unless ENLARGER_STORAGE_URL sets another place
work/            pictures in the making, a folder a process; those of dead processes are removed
cache/           compiled graphs; may be deleted
weights/         weights that were fetched, a folder a package
models/          networks of your own, a folder each, unless ENLARGER_MODELS_DIR sets another place
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import psutil
from filelock import FileLock, Timeout

from enlarger.atomic_files import write_atomically
from enlarger.errors import DataDirectoryError, DataDirectoryInUse
from enlarger.infra.addresses import Address, read_address

_LAYOUT = 1


class Marker(msgspec.Struct, frozen=True):
    """`enlarger.json`."""

    layout: int


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """`service.json`, readable by its owner only: who holds the folder, and how to reach it once it answers."""

    pid: int
    url: str | None = None
    api_key: str | None = None


class DataDirectory:
    """One data directory."""

    def __init__(self, path: Path) -> None:
        self.path: Path = path.expanduser().absolute()
        self.postgres: Path = self.path / "postgres"
        self.files: Path = self.path / "files"
        self.work: Path = self.path / "work"
        self.cache: Path = self.path / "cache"
        self.weights: Path = self.path / "weights"
        self.key_file: Path = self.path / "api-key"
        self._marker = self.path / "enlarger.json"
        self._lock = self.path / "lock"
        self._service = self.path / "service.json"
        self._listeners = self.path / "listeners"

    def require(self) -> None:
        """Raise DataDirectoryError if this is not a data directory yet; makes nothing."""
        try:
            if self.path.is_dir():
                self._refuse_foreign()
            self._marker.stat()
        except FileNotFoundError:
            raise DataDirectoryError(
                f"There is no Enlarger data in {self.path}: correct --data-dir or ENLARGER_DATA_DIR,"
                " or start a service there first, with `enlarger up`."
            ) from None
        except OSError as error:
            raise self._unusable(error) from error

    def prepare(self) -> None:
        """Make the folder, or check that it is one of ours.

        Raises DataDirectoryError for a folder that holds other things, or that cannot be written.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not self._marker.exists():
                self._refuse_foreign()
                write_atomically(self._marker, msgspec.json.encode(Marker(_LAYOUT)))
            layout = msgspec.json.decode(self._marker.read_bytes(), type=Marker).layout
            for folder in (self.files, self.work, self.cache):
                folder.mkdir(exist_ok=True)
        except msgspec.DecodeError:
            raise DataDirectoryError(
                f"{self._marker} is damaged: restore it, or choose another data directory with --data-dir."
            ) from None
        except OSError as error:
            raise self._unusable(error) from error
        if layout != _LAYOUT:
            raise DataDirectoryError(
                f"The data directory {self.path} has layout {layout} and this version knows {_LAYOUT}:"
                " use the version of Enlarger that made it, or choose another data directory."
            )

    def _unusable(self, error: OSError) -> DataDirectoryError:
        return DataDirectoryError(
            f"The data directory {self.path} cannot be used ({error.strerror}):"
            " choose another one with --data-dir or ENLARGER_DATA_DIR."
        )

    def _refuse_foreign(self) -> None:
        drafts = f".{self._marker.name}."  # of another process, or a dead one
        ours = (self._lock.name, self.cache.name, self.weights.name, "models")  # also where no service has run yet
        found = sorted(
            entry.name for entry in self.path.iterdir() if not (entry.name in ours or entry.name.startswith(drafts))
        )
        if found and not self._marker.exists():  # another process may have been faster
            raise DataDirectoryError(
                f"{self.path} is not an Enlarger data directory (it holds {', '.join(found[:3])}"
                f"{', …' if len(found) > 3 else ''}): choose an empty or new folder with --data-dir."
            )

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the folder while the block runs.

        Raises DataDirectoryInUse, which names the process that holds it.
        """
        self.prepare()
        lock = FileLock(self._lock, thread_local=False)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise DataDirectoryInUse(self._in_use()) from None
        except OSError as error:  # of another user
            raise self._unusable(error) from error
        try:
            self._write_holder(Holder(pid=os.getpid()))
            yield
        finally:
            self._service.unlink(missing_ok=True)
            lock.release()

    def announce(self, url: str, api_key: str) -> None:
        """Tell other processes of this user where the service of this folder answers."""
        self._write_holder(Holder(pid=os.getpid(), url=url, api_key=api_key))

    def _write_holder(self, holder: Holder) -> None:
        write_atomically(self._service, msgspec.json.encode(holder), mode=0o600)

    def holder(self) -> Holder | None:
        """The process that runs a service on this folder, if there is one."""
        try:
            holder = msgspec.json.decode(self._service.read_bytes(), type=Holder)
        except (OSError, msgspec.DecodeError):
            return None
        return holder if psutil.pid_exists(holder.pid) else None

    @contextmanager
    def listening(self, places: Iterable[tuple[Address, int]]) -> Iterator[None]:
        """Say while the block runs that the user of this folder listens for callbacks at these addresses and ports."""
        self.prepare()
        self._listeners.mkdir(mode=0o700, exist_ok=True)
        with ExitStack() as stack:
            for address, port in places:
                stack.enter_context(FileLock(self._listeners / f"{address}_{port}", thread_local=False))
            yield

    def listeners(self) -> set[tuple[Address, int]]:
        """Where the user of this folder listens for callbacks now; a lock ends with its process, however that ends."""
        try:
            found = list(self._listeners.iterdir())
        except OSError:
            return set()
        return {place for path in found if (place := _read_place(path)) is not None and _is_held(path)}

    def _in_use(self) -> str:
        holder = self.holder()
        who = f"process {holder.pid}" if holder else "another process"
        where = f", which answers at {holder.url}" if holder and holder.url else ""
        return (
            f"The data directory {self.path} is in use by {who}{where}:"
            " use that service, stop it, or choose another --data-dir."
        )

    @contextmanager
    def workspace(self) -> Iterator[Path]:
        """A folder for this process's pictures in the making, removed at the end; so are those of dead processes."""
        for entry in self.work.iterdir():
            pid = entry.name.partition("-")[0]
            if not (pid.isdigit() and psutil.pid_exists(int(pid))):
                shutil.rmtree(entry, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=self.work))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _read_place(path: Path) -> tuple[Address, int] | None:
    """The address and port that a listener's file is named after."""
    address, _, port = path.name.partition("_")
    try:
        return read_address(address), int(port)
    except ValueError:
        return None


def _is_held(path: Path) -> bool:
    lock = FileLock(path, thread_local=False)
    try:
        with lock.acquire(blocking=False):
            path.unlink(missing_ok=True)
    except Timeout:
        return True
    except OSError:
        pass
    return False
