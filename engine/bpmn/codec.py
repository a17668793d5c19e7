"""The stored state of an instance: one format byte, then zstd of compact JSON. Elements by id, no specification inside.

Format "1": {"n": last id, "s": scopes [key, parent, variables], "f": frames [owner, spec, interrupted, compensable,
tokens [id, parent, element, state, kept]], "q": ids that can run, "c": steps without a wait, "o": [outcome, error]}.
Readers of old formats stay for ever.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError

from engine import feel
from engine.bpmn.errors import InvalidState
from engine.bpmn.scopes import ROOT, Scope, Stored
from engine.bpmn.tokens import READY, Token
from engine.bpmn.workflow import Body, Execution, Frame

if TYPE_CHECKING:
    from engine.bpmn.definition import Definition

FORMAT = b"1"
MAX_STATE = 64 * 1024 * 1024
_COMPRESS = ZstdCompressor(level=3)
_DECOMPRESS = ZstdDecompressor()


def dump(top: Execution) -> bytes:
    """The state as bytes."""
    document = {
        "n": top.last_id,
        "s": [[key, scope.parent, scope.variables.to_store()] for key, scope in top.scopes.all.items()],
        "f": [_frame(frame) for frame in top.frames()],
        "o": [top.outcome, top.error_code],
    }
    if top.queue:
        document["q"] = [token.id for token in top.queue if token._state == READY and token.id in top.index]
        document["c"] = top.steps_without_wait
    return FORMAT + _COMPRESS.compress(
        orjson.dumps(document, default=feel.to_json, option=orjson.OPT_PASSTHROUGH_DATETIME)
    )


def _frame(frame: Frame) -> list[Any]:
    root = frame.task_tree.id
    rows = [
        [
            token.id,
            0 if token._parent == root else token._parent,
            token.task_spec.name,
            token._state,
            token.internal_data,
        ]
        for token in frame.tasks.values()
        if token.id != root
    ]
    return [frame.parent_task_id, frame.spec.name, int(frame.interrupted), frame.compensable, rows]


def load(definition: "Definition", state: bytes) -> Execution:
    """The instance as it was dumped."""
    if state[:1] != FORMAT:
        raise InvalidState(f"Unknown state format {state[:1]!r}.")
    try:
        document = orjson.loads(_DECOMPRESS.decompress(state[1:], max_output_size=MAX_STATE))
        return _restore(definition, document)
    except (ZstdError, orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidState(f"The state cannot be read: {type(error).__name__}: {error}") from error


def _restore(definition: "Definition", document: Mapping[str, Any]) -> Execution:
    frames = document["f"]
    top = Execution(definition.specs[frames[0][1]], definition.specs)
    top.scopes.all = {key: Scope(parent, Stored(variables, stored=True)) for key, parent, variables in document["s"]}
    _fill(top, frames[0])
    for row in frames[1:]:
        scope = row[0] if row[0] + "/" not in top.scopes else row[0] + "/"
        body = Body(definition.specs[row[1]], row[0], top, scope)
        top.subprocesses[row[0]] = body
        _fill(body, row)
    top.queue.extend(top.index[id_] for id_ in document.get("q", ()))
    top.steps_without_wait = document.get("c", 0)
    top.last_id = document["n"]
    top.outcome, top.error_code = document["o"]
    top.completed = top.outcome is not None
    top.scopes.all.setdefault(ROOT, Scope(None, Stored({})))
    return top


def _fill(frame: Frame, row: list[Any]) -> None:
    frame.prepare()
    frame.interrupted, frame.compensable = bool(row[2]), row[3]
    root, tasks, specs, index = frame.task_tree, frame.tasks, frame.spec.task_specs, frame.top_workflow.index
    for id_, parent, element, state, kept in row[4]:
        tasks[id_] = index[id_] = Token.restored(frame, specs[element], id_, parent or root.id, state, kept)
    for id_, parent, *_ in row[4]:
        tasks[parent or root.id]._children.append(id_)
