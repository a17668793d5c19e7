"""The stored state: small, exact, without a specification, and refused when it is not ours."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import orjson
import pytest
from zstandard import ZstdDecompressor

from engine import feel
from engine.bpmn import Definition, Instance, InvalidState
from engine.bpmn.codec import FORMAT
from tests.bpmn.diagrams import chain, end, gateway, process, script, service, start, user
from tests.bpmn.walk import RUNTIME, begin

DIAGRAM = process(start(), user("a"), service("b"), end(), chain("start", "a", "b", "end"))


def test_typed_values_survive() -> None:
    values = {
        "amount": Decimal("0.10"),
        "big": 10**30,
        "day": date(2026, 1, 5),
        "moment": datetime(2026, 1, 5, 8, tzinfo=UTC),
        "length": timedelta(days=2, hours=1),
        "nested": {"list": [1, "x", None, True, {"d": date(2026, 1, 1)}]},
        "text": "Ibu Ani’s “rumah”",
        "nothing": None,
    }
    walk = begin(DIAGRAM, values)
    before = walk.instance.variables()
    loaded = Instance.load(walk.definition, walk.instance.dump())
    again = Instance.load(walk.definition, loaded.dump())
    assert again.variables() == before
    assert {name: type(value) for name, value in again.variables().items()} == {
        name: type(value) for name, value in before.items()
    }
    assert feel.to_plain(before["day"]) == "2026-01-05"


def test_a_context_that_looks_like_a_stored_value() -> None:
    walk = begin(DIAGRAM, {"odd": {"@": "date", "v": "x"}})
    assert Instance.load(walk.definition, walk.instance.dump()).variables()["odd"] == {"@": "date", "v": "x"}


def test_the_state_is_small_and_holds_no_diagram() -> None:
    walk = begin(DIAGRAM, {"case_no": "K1"})
    state = walk.instance.dump()
    assert state[:1] == FORMAT
    assert int.from_bytes(state[1:5], "big") == len(state) - 5
    document = orjson.loads(ZstdDecompressor().decompress(state[5:]))
    assert len(state) < 200
    assert document["f"][0][4][0][2] == "a"
    assert b"userTask" not in orjson.dumps(document)


def test_loading_changes_nothing() -> None:
    walk = begin(process(start(), gateway("parallel", "f"), user("a"), script("s", "x", "=1"), end(),
                         chain("start", "f", "a", "end"), chain("f", "s", "end")))  # fmt: skip
    state = walk.instance.dump()
    assert Instance.load(walk.definition, state).dump() == state


def test_an_ended_instance_stays_ended() -> None:
    walk = begin(process(start(), end(), chain("start", "end")), {"x": 1})
    loaded = Instance.load(walk.definition, walk.instance.dump())
    assert loaded.ended == "completed"
    assert loaded.waits() == []
    assert loaded.proceed(RUNTIME).ended is None


@pytest.mark.parametrize(
    "state", [b"", b"9abc", b"1abc", FORMAT + b"abc", FORMAT + b"\x28\xb5\x2f\xfd", FORMAT + b"\0\0\0\2ab"]
)
def test_foreign_bytes_are_refused(state: bytes) -> None:
    with pytest.raises(InvalidState):
        Instance.load(Definition.compile({"p.bpmn": DIAGRAM}), state)


def test_ids_are_short_unique_and_stable() -> None:
    walk = begin(DIAGRAM)
    first = walk.find("a")
    assert Instance.load(walk.definition, walk.instance.dump()).waits()[0].id == first
    walk.do("a")
    assert walk.find("b") != first
    assert len(first) < 4
