"""Clients that complete tasks over HTTP, in a process of their own: `python -m tests.bench.http_load < plan.json`."""

import http.client
import json
import sys
import threading
import time
from typing import Any
from urllib.parse import urlencode


def client(plan: dict[str, Any], tasks: list[int], number: int, times: list[float], wrong: list[str]) -> None:
    """Send one task's form after the other on one kept connection."""
    connection = http.client.HTTPConnection("127.0.0.1", plan["port"], timeout=30)
    headers = {
        "Cookie": plan["cookies"][number],
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"http://127.0.0.1:{plan['port']}",
    }
    for task in tasks:
        fields = plan["answers"] | {"csrf_token": plan["tokens"][number], "_key": f"load-{task}"}
        begin = time.perf_counter()
        answer = send(connection, f"/tasks/{task}", urlencode(fields), headers)
        answer.read()
        times.append(time.perf_counter() - begin)
        if answer.status != 303:
            wrong.append(f"{task}: {answer.status}")
    connection.close()


def send(
    connection: http.client.HTTPConnection, path: str, body: str, headers: dict[str, str]
) -> http.client.HTTPResponse:
    """Send a form; a connection that the server closed meanwhile is opened anew, under the same key."""
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse()
    except (http.client.RemoteDisconnected, ConnectionError):
        connection.close()
        connection.request("POST", path, body, headers)
        return connection.getresponse()


def main() -> None:
    """Read the plan, send everything, print {seconds, times, wrong}."""
    plan = json.load(sys.stdin)
    clients = len(plan["cookies"])
    times: list[float] = []
    wrong: list[str] = []
    threads = [
        threading.Thread(target=client, args=(plan, plan["tasks"][number::clients], number, times, wrong))
        for number in range(clients)
    ]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump({"seconds": time.perf_counter() - begin, "times": times, "wrong": wrong}, sys.stdout)


if __name__ == "__main__":
    main()
