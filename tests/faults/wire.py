"""A proxy before PostgreSQL that, when told, swallows the answer to what committed and cuts: was it kept or not?"""

import contextlib
import socket
import threading

COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""CommandComplete of a COMMIT, as it travels."""
STEP = b"jobs\x00"
"""A column that a step's one statement answers with, and nothing else does (engine/store/step.py)."""
WRITTEN = b"C\x00\x00\x00\x0dSELECT 1\x00Z\x00\x00\x00\x05I"
"""One row, and no transaction is open: the statement was one of its own."""


class Wire:
    """Passes everything on; after `cut_next` the next commit is done, and whoever asked for it never hears so."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._armed = threading.Semaphore(0)
        self.cuts = 0
        self.cut_steps = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_next(self) -> None:
        """Cut behind the next COMMIT, or the next step that commits itself, whoever sends it."""
        self._armed.release()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(client, server), daemon=True).start()

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        with client, server:
            asking = threading.Thread(target=self._pass_on, args=(client, server, False), daemon=True)
            asking.start()
            self._pass_on(server, client, True)
            asking.join()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        try:
            while data := source.recv(65536):
                is_step = data.endswith(WRITTEN) and STEP in data
                if is_answer and (is_step or COMMITTED in data) and self._armed.acquire(blocking=False):
                    self.cuts += 1
                    self.cut_steps += is_step
                    break
                target.sendall(data)
        except OSError:
            pass  # the other direction has closed both
        for side in (source, target):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
