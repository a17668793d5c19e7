"""A fake receiver of outside calls: it records each attempt and each effect by key, and misbehaves as told."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MANNERS = ("500", "429", "hang", "close", "twice")
"""How it can misbehave: refuse, be overrun, never answer, process and close without an answer, answer twice."""


class Outside:
    """`attempts`: every call, by key. `effects`: what was processed, once for each key. `manner`: see MANNERS."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.attempts: Counter[str] = Counter()
        self.effects: dict[str, str] = {}
        self.manner = ""
        self.seconds = seconds
        self.misbehaved = 0
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def close(self) -> None:
        """Stop listening, and let go of who hangs."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, key: str, subject: str) -> str:
        """Record one call; how to misbehave this time."""
        with self._lock:
            self.attempts[key] += 1
            manner, self.manner = self.manner, ""
            self.misbehaved += bool(manner)
            if manner not in ("500", "429", "hang"):
                self.effects.setdefault(key, subject)
        return manner

    def doubled(self, subjects: set[str]) -> int:
        """How many of these subjects saw more than one effect."""
        seen = Counter(subject for subject in self.effects.values() if subject in subjects)
        return sum(1 for count in seen.values() if count > 1)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                manner = outside.answer(self.headers["Idempotency-Key"], str(body["subject"]))
                time.sleep(outside.seconds)
                if manner == "hang":
                    outside.released.wait()
                if manner in ("hang", "close"):
                    self.close_connection = True
                    return
                for _ in range(2 if manner == "twice" else 1):
                    self.send_response(int(manner) if manner.isdigit() else 200)
                    if manner == "429":
                        self.send_header("Retry-After", "2")
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: Any) -> None:
                """It says nothing."""

        return Handler
