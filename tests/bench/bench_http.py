"""Completions over HTTP: sign-in, forgery check, permission, form, step, commit; two web workers, eight clients."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from engine.casework import accounts
from engine.serve.postgres import Postgres
from engine.serve.web import answers
from engine.settings import PROJECT, Keys
from engine.store.session import make_engine, make_sessions, unit_of_work
from engine.store.workers import by_username
from tests import factories, small_case
from tests.bench import cpu, report

CLIENTS = 8
WARM_UP, MEASURED = 400, 2_000
ANSWERS = {"wish": "Ingin tetap tinggal bersama cucu.", "income": "650000", "alone": "true"}
COPY = text(
    """
    WITH one AS (SELECT t.*, i.definition_id, i.body, c.client_id, c.village_code
                 FROM task t JOIN process_instance i ON i.id = t.instance_id JOIN "case" c ON c.id = t.case_id
                 WHERE t.state = 'open' AND t.element_id = 'AssessNeeds' LIMIT 1),
    cases AS (INSERT INTO "case" (case_no, region_code, village_code, client_id, status, priority, restricted,
                pmks_codes, opened_at)
              SELECT '99.01.01-2025-' || lpad(n::text, 6, '0'), '99.01.01', village_code, client_id, 'registered', 'P3',
                false, '{}', now() FROM one, generate_series(1, :most) n RETURNING id, case_no),
    instances AS (INSERT INTO process_instance (definition_id, process_id, case_id, business_key, region_code, state,
                    rev, body, started_at)
                  SELECT definition_id, 'case', cases.id, cases.case_no, region_code, 'active', 1, body, now()
                  FROM one, cases RETURNING id, case_id)
    INSERT INTO task (instance_id, wait_id, case_id, process_id, element_id, name, name_en, form_id, candidate_groups,
                      region_code, restricted, urgency, priority, state, rev, properties, local, created_at)
    SELECT instances.id, wait_id, instances.case_id, process_id, element_id, name, name_en, form_id, candidate_groups,
           region_code, false, 3, 50, 'open', 1, properties, local, now() FROM one, instances RETURNING id
    """
)
DONE = text("SELECT count(*) FROM task WHERE form_id = 'AssessNeeds' AND state = 'completed'")


def test_http(postgres: Postgres, committed_db: str, tmp_path: Path, built_assets: None) -> None:
    engine = make_engine(committed_db)
    tasks, tokens = fill(engine)
    assert postgres.process is not None
    database = postgres.process.pid
    with _web(committed_db, tmp_path) as (web, port):
        cookies = [f"pilar_session={token}" for token in tokens]
        plan = {"port": port, "cookies": cookies, "tokens": [_token(port, cookie) for cookie in cookies]}
        # As the page sends it: a form with conditions tells which questions it showed.
        plan["answers"] = ANSWERS | {"_shown": _field(_page(port, cookies[0], f"/tasks/{tasks[0]}"), "_shown")}
        _load(plan | {"tasks": tasks[:WARM_UP]})
        before = {pid: cpu.of_family(pid) for pid in (web, database)}
        found = _load(plan | {"tasks": tasks[WARM_UP:]})
        spent = {pid: cpu.of_family(pid) - before[pid] for pid in (web, database)}
    assert found["wrong"] == []
    with engine.connect() as connection:
        assert connection.execute(DONE).scalar_one() == len(tasks)
    engine.dispose()
    ordered = sorted(found["times"])
    report.keep(
        {
            "http_completions_per_s": round(MEASURED / found["seconds"], 1),
            "http_completion_p50_ms": round(ordered[len(ordered) // 2] * 1000, 1),
            "http_completion_p95_ms": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
            "http_completion_web_cpu_ms": round(spent[web] / MEASURED * 1000, 2),
            "http_completion_database_cpu_ms": round(spent[database] / MEASURED * 1000, 2),
            "http_completion_client_cpu_ms": round(found["cpu"] / MEASURED * 1000, 2),
        }
    )


def fill(engine: Engine) -> tuple[list[int], list[str]]:
    """Cases whose assessment waits, and the session tokens of the workers who may do it."""
    with unit_of_work(make_sessions(engine)) as session:
        names = [f"tksk{number:02}" for number in range(CLIENTS)]
        actors = [factories.worker(session, name, "tksk") for name in names]
        small_case.register(session, actors[0])
        tokens = []
        for name in names:
            worker = by_username(session, name)
            assert worker is not None
            tokens.append(accounts.open_session(session, worker, "bench"))
    with engine.begin() as connection:
        tasks = list(connection.execute(COPY, {"most": WARM_UP + MEASURED}).scalars())
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return tasks, tokens


@contextmanager
def _web(database_url: str, folder: Path) -> Iterator[tuple[int, int]]:
    """The pages as they are served, without queue and demo; process and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    keys = folder / "keys"
    Keys(encryption={1: bytes(range(32))}, current=1, lookup=bytes(32)).write(keys)
    environment = {
        "DATABASE_URL": database_url.replace("+psycopg", ""), "REDIS_URL": "", "PORT": str(port),
        "PILAR_DATA": str(folder), "PILAR_SECRET": "s" * 40, "PILAR_KEYS": str(keys),
        "PILAR_WEB_WORKERS": "2", "PILAR_LOG": "warning",
    }  # fmt: skip
    command = [sys.executable, "-m", "engine.cli", "web"]
    process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **environment})
    try:
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            assert process.poll() is None
        yield process.pid, port
    finally:
        process.terminate()
        process.wait(20)


def _token(port: int, cookie: str) -> str:
    return _field(_page(port, cookie, "/profile"), "csrf_token")


def _page(port: int, cookie: str, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Cookie": cookie})
    page = connection.getresponse().read().decode()
    connection.close()
    return page


def _field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


def _load(plan: dict[str, object]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.http_load"]
    done = subprocess.run(command, cwd=PROJECT, input=json.dumps(plan), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
