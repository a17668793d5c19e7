"""What claiming and sweeping cost does not depend on how many jobs are done, or wait for years."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from engine.store import jobs
from tests import factories
from tests.bpmn import diagrams as d

MANY = text(
    """
    INSERT INTO job (kind, instance_id, wait_id, element_id, operation, inputs, state, urgency, attempts, max_attempts,
                     due_at, created_at)
    SELECT 'timer', :instance, 'w' || n, 'rest', '', '{}',
           CASE WHEN n % 2 = 0 THEN 'done' ELSE 'ready' END, 1 + n % 4, 0, 5,
           now() + CASE WHEN n % 2 = 0 THEN interval '-1 day' ELSE interval '1 year' END, now()
    FROM generate_series(1, :most) n
    """
)
FEW = 60
"""Pages of 8 KB that one of these statements may touch."""


@pytest.fixture
def crowded(session: Session) -> Session:
    factories.deploy(session, {"p/p.bpmn": d.process(d.start(), d.service("s"), d.end(), d.chain("start", "s", "end"))})
    instance = factories.start(session, "p")
    session.execute(MANY, {"instance": instance.id, "most": 20_000})
    session.execute(text("ANALYZE job"))
    return session


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (jobs._CLAIM, {"token": "00000000-0000-4000-8000-000000000000", "lease": 30}),
        (jobs._DUE, {"most": 50}),
        (jobs._EXPIRED, {}),
    ],
    ids=["claim", "due", "expired"],
)
def test_a_job_table_that_has_grown_costs_nothing(
    crowded: Session, statement: TextClause, values: dict[str, Any]
) -> None:
    (plan,) = crowded.execute(text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.text}"), values).scalar_one()
    top = plan["Plan"]
    assert top["Shared Hit Blocks"] + top["Shared Read Blocks"] <= FEW, plan
    assert "job" not in [node["Relation Name"] for node in _nodes(top) if node["Node Type"] == "Seq Scan"]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)
