"""Real servers of files on this machine: HTTP, which can only be read, and FTP, which can be written to."""

import io
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

from tests.cli_support import until

USER, PASSWORD = "ftp-person", "s3cret-word"


class _Quiet(SimpleHTTPRequestHandler):
    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """The file, unless its name says otherwise."""
        if "forbidden" in self.path:
            self.send_error(403)
            return None
        return super().send_head()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def http_server(folder: Path) -> Iterator[str]:
    """The address of a folder that can be read over HTTP."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def ftp_server(folder: Path, *, writable: bool = True) -> Iterator[str]:
    """The address of a folder that can be reached over FTP, with user and password."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-W", "ignore", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", str(port)]
    words += ["-d", str(folder), "-u", USER, "-P", PASSWORD, *(["-w"] if writable else [])]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _listens(port))
        yield f"ftp://{USER}:{PASSWORD}@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
