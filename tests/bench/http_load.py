"""Clients that complete tasks over HTTP, in a process of their own: `python -m tests.bench.http_load < plan.json`.

One thread drives all connections by hand: what the clients cost is taken from the cores that the server works on.
"""

import json
import re
import selectors
import socket
import sys
import time
from typing import Any
from urllib.parse import urlencode

PATIENCE_S = 30
_LENGTH = re.compile(rb"\r\nContent-Length: (\d+)\r\n", re.IGNORECASE)


class Client:
    """One signed-in browser: sends one task's form after the other on one kept connection."""

    def __init__(self, plan: dict[str, Any], number: int) -> None:
        self.tasks: list[int] = plan["tasks"][number :: len(plan["cookies"])]
        self.times: list[float] = []
        self.wrong: list[str] = []
        self._address = ("127.0.0.1", plan["port"])
        self._fields = urlencode(plan["answers"] | {"csrf_token": plan["tokens"][number]})
        self._headers = (
            f"Host: 127.0.0.1:{plan['port']}\r\nOrigin: http://127.0.0.1:{plan['port']}\r\n"
            f"Cookie: {plan['cookies'][number]}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            "Accept: text/html\r\nAccept-Encoding: gzip, br\r\nContent-Length: "
        )
        self._at, self._received = 0, b""
        self.socket = self._connect()

    def send(self) -> bool:
        """Send the next task's form; False if there is none."""
        if self._at == len(self.tasks):
            return False
        self._begin = time.perf_counter()
        self._write()
        return True

    def receive(self) -> bool:
        """Take what has arrived; True once the answer is whole.

        A connection that the server closed is opened anew and the form sent again, under the same key.
        """
        arrived = self.socket.recv(65_536)
        if not arrived:
            self.socket.close()
            self.socket = self._connect()
            self._write()
            return False
        self._received += arrived
        head, _, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n")
        if length is None or len(body) < int(length[1]):
            return False
        self.times.append(time.perf_counter() - self._begin)
        if not head.startswith(b"HTTP/1.1 303 "):
            self.wrong.append(f"{self.tasks[self._at]}: {head[:12].decode()}")
        self._at, self._received = self._at + 1, b""
        return True

    def _write(self) -> None:
        task = self.tasks[self._at]
        body = f"{self._fields}&_key=load-{task}"
        self.socket.sendall(f"POST /tasks/{task} HTTP/1.1\r\n{self._headers}{len(body)}\r\n\r\n{body}".encode())

    def _connect(self) -> socket.socket:
        opened = socket.create_connection(self._address, timeout=30)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened


def drive(clients: list[Client]) -> None:
    """Let every client send as soon as it was answered, until all are done."""
    with selectors.DefaultSelector() as selector:
        for client in clients:
            if client.send():
                selector.register(client.socket, selectors.EVENT_READ, client)
        while selector.get_map():
            ready = selector.select(PATIENCE_S)
            if not ready:
                raise TimeoutError("The server has gone silent.")
            for key, _ in ready:
                client, before = key.data, key.fileobj
                done = client.receive()
                if client.socket is not before:
                    selector.unregister(before)
                    selector.register(client.socket, selectors.EVENT_READ, client)
                if done and not client.send():
                    selector.unregister(client.socket)


def main() -> None:
    """Read the plan, send everything, print {seconds, cpu (of the clients), times, wrong}."""
    plan = json.load(sys.stdin)
    clients = [Client(plan, number) for number in range(len(plan["cookies"]))]
    begin, worked = time.perf_counter(), time.process_time()
    drive(clients)
    found: dict[str, Any] = {"seconds": time.perf_counter() - begin, "cpu": time.process_time() - worked}
    found["times"] = [seconds for client in clients for seconds in client.times]
    found["wrong"] = [wrong for client in clients for wrong in client.wrong]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
