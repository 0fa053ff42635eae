"""A witness after C2SP tlog-witness, with code of its own, and a server that hands out answers."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import metamorphic_log
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Answer = tuple[int, str, bytes]
"""Status, content type and body."""
Respond = Callable[[str, str, dict[str, str], bytes], Answer]
"""(method, path, headers in lower case, body) -> the answer."""
TEXT = "text/plain; charset=utf-8"


@contextmanager
def serving(respond: Respond) -> Iterator[str]:
    """A server on this machine that answers so; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, kind, body = respond(self.command, self.path, headers, self.rfile.read(length))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class AWitness:
    """Keeps the newest checkpoint of one log, and cosigns what continues it."""

    log_keys: list[str]
    name: str = "witness.example/w1"
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    size: int = 0
    root: bytes = b""
    time: int = 1_679_315_147
    asked: list[tuple[int, int]] = field(default_factory=list)
    """What it was asked: the old size, and the status it answered."""

    @property
    def key_id(self) -> bytes:
        public = self.key.public_key().public_bytes_raw()
        return hashlib.sha256(self.name.encode() + b"\n\x04" + public).digest()[:4]

    @property
    def vkey(self) -> str:
        public = base64.b64encode(b"\x04" + self.key.public_key().public_bytes_raw()).decode()
        return f"{self.name}+{self.key_id.hex()}+{public}"

    def respond(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        old, answer = self._answer(method, path, body.decode())
        self.asked.append((old, answer[0]))
        return answer

    def _answer(self, method: str, path: str, body: str) -> tuple[int, Answer]:
        head, _, note = body.partition("\n\n")
        first, *proof = head.split("\n")
        word, _, number = first.partition(" ")
        if (method, path, word) != ("POST", "/add-checkpoint", "old") or len(proof) > 63:
            return -1, (400, TEXT, b"")
        old = int(number)
        try:
            seen = metamorphic_log.checkpoint_verify(note, self.log_keys)
        except metamorphic_log.VerifyError:
            return old, (403, TEXT, b"")
        if old > seen.size:
            return old, (400, TEXT, b"")
        if old != self.size or (old == seen.size and self.root != bytes(seen.root)):
            return old, (409, "text/x.tlog.size", f"{self.size}\n".encode())
        if not self._continues(old, seen.size, proof, bytes(seen.root)):
            return old, (422, TEXT, b"")
        self.size, self.root = seen.size, bytes(seen.root)
        return old, (200, TEXT, self._cosigned(note.partition("\n\n")[0] + "\n").encode())

    def _continues(self, old: int, size: int, proof: list[str], root: bytes) -> bool:
        if old in (0, size):
            return not proof
        hashes = [base64.b64decode(each, validate=True) for each in proof]
        try:
            metamorphic_log.verify_consistency(old, size, hashes, self.root, root)
        except metamorphic_log.VerifyError:
            return False
        return True

    def _cosigned(self, text: str) -> str:
        message = f"cosignature/v1\ntime {self.time}\n{text}".encode()
        signature = self.key_id + self.time.to_bytes(8, "big") + self.key.sign(message)
        return f"\N{EM DASH} {self.name} {base64.b64encode(signature).decode()}\n"
