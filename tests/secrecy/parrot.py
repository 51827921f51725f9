"""A provider that quotes everything it was sent, wherever an answer has room for words."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class Parrot:
    """Where it listens, and how many requests came in."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    requests: int = 0


@contextmanager
def parrot(answers: Sequence[int], *, then: int) -> Iterator[Parrot]:
    """A provider that answers POSTs with these statuses in turn, then and to GETs with `then`."""
    state = Parrot(answers=list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(state.answers.pop(0) if state.answers else then, body.decode())

        def do_GET(self) -> None:
            self._answer(then, "")

        def _answer(self, status: int, body: str) -> None:
            state.requests += 1
            content = quoting(f"{body} {unquote(self.path)} {self.path} {self.headers}", body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def quoting(words: str, body: str) -> bytes:
    """An answer in the shapes of all five providers at once, without an id."""
    try:
        fields = {name: [f"The value '{value}' is wrong"] for name, value in json.loads(body).items()}
    except ValueError:
        fields = {}
    answer = {
        "message": words,
        "error": {"message": words, "errors": fields, "code": words},
        "errors": fields,
        "status": {"status": "ERROR", "message": words, "error_code": words[:200], "operation_id": "op-1"},
        "data": {"error": words, **fields},
    }
    return json.dumps(answer).encode()
