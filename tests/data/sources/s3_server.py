"""The little of S3's protocol that reading an object takes, on localhost."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

KEY, SECRET = "AKIATESTTESTTEST", "a-secret/that+must=never-be-shown"


@dataclass
class Storage:
    """Objects by "bucket/key", and what was asked for."""

    port: int
    objects: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def s3_server() -> Iterator[Storage]:
    """A server that knows one pair of credentials and the objects it is given."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(False)

        def do_GET(self) -> None:
            self._answer(True)

        def _answer(self, with_body: bool) -> None:
            parts = urlsplit(self.path)
            path = unquote(parts.path).strip("/")
            storage.asked.append(f"{self.command} {path}")
            if f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
                self._send(403, _error("InvalidAccessKeyId", f"The key you gave ({SECRET}) does not exist"), with_body)
            elif "list-type" in parts.query:
                empty = b"<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
                self._send(200, empty, with_body)
            elif path not in storage.objects:
                self._send(404, _error("NoSuchKey", "The specified key does not exist."), with_body)
            else:
                self._object(storage.objects[path], with_body)

        def _object(self, body: bytes, with_body: bool) -> None:
            asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if not asked:
                self._send(200, body, with_body)
                return
            first, last = int(asked[1]), min(int(asked[2] or len(body) - 1), len(body) - 1)
            part = body[first : last + 1]
            self._send(206, part, with_body, {"Content-Range": f"bytes {first}-{last}/{len(body)}"})

        def _send(self, status: int, body: bytes, with_body: bool, headers: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {
                "Content-Length": str(len(body)), "ETag": '"1"', "Last-Modified": "Mon, 03 Jun 2024 10:00:00 GMT",
                "Accept-Ranges": "bytes", **(headers or {}),
            }.items():  # fmt: skip
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    storage = Storage(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield storage
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _error(code: str, message: str) -> bytes:
    return f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'.encode()
