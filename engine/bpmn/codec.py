"""The stored state of an instance. Elements are named by id; the specification is not inside.

Format "2": the byte, then parts, each behind its length in four bytes: first the main document, then chunks (cold.py).
A part is zstd of compact JSON. A large state is told by what differs from such a one: deltas.py.
The main document: {"n": last id, "s": scopes, "f": frames, "o": [outcome, error], "q": ids that can run,
"c": steps without a wait, "k": [body, id ranges] of each chunk}; rows.py says what the rows are.
Readers of old formats: formats.py.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from zstandard import ZstdError

from engine.bpmn.cold import Chunk, freeze
from engine.bpmn.deltas import DELTA, decode, encode
from engine.bpmn.errors import InvalidState
from engine.bpmn.formats import READERS
from engine.bpmn.packing import pack, to_json, unpack
from engine.bpmn.rows import frame_row, restore_body, restore_frame, restore_scopes, scope_rows
from engine.bpmn.tokens import READY
from engine.bpmn.workflow import Execution

if TYPE_CHECKING:
    from engine.bpmn.definition import Definition

FORMAT = b"2"


def dump(top: Execution) -> bytes:
    """The state as bytes."""
    frozen, ids = freeze(top)
    document = document_of(top, ids)
    chunks = [*top.cold.chunks(), *frozen]
    if chunks:
        document["k"] = [[chunk.body, chunk.ranges] for chunk in chunks]
    state, top.base = encode(FORMAT, to_json(document), [chunk.blob for chunk in chunks], top.base)
    return state


def document_of(top: Execution, skipped: set[str]) -> dict[str, Any]:
    """The main document, without the `skipped` tokens and those that lie in chunks."""
    document: dict[str, Any] = {
        "n": top.last_id,
        "s": scope_rows(top.scopes, [key for key in top.scopes.all if key.rstrip("/") not in skipped]),
        "f": [frame_row(frame, skipped) for frame in top.frames() if frame.parent_task_id not in skipped],
        "o": [top.outcome, top.error_code],
    }
    if top.queue:
        document["q"] = [token.id for token in top.queue if token._state == READY and token.id in top.index]
        document["c"] = top.steps_without_wait
    return document


def load(definition: "Definition", state: bytes) -> Execution:
    """The instance as it was dumped."""
    if state[:1] not in {FORMAT, DELTA, *READERS}:
        raise InvalidState(f"Unknown state format {state[:1]!r}.")
    try:
        found = decode(state)
        document, is_todays = orjson.loads(found.main), found.format == FORMAT
        blobs = found.chunks if is_todays else _modern(found.format, document, found.chunks)
        top = restore(definition, document, blobs)
    except (ZstdError, orjson.JSONDecodeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise InvalidState(f"The state cannot be read: {type(error).__name__}: {error}") from error
    top.base = found.base if is_todays else None
    return top


def _modern(former: bytes, document: dict[str, Any], blobs: Sequence[bytes]) -> list[bytes]:
    """Turn a document of an old format into today's; its chunks, packed anew."""
    chunks = [unpack(blob) for blob in blobs]
    while former != FORMAT:
        former, read = READERS[former]
        read(document, chunks)
    return [pack(chunk) for chunk in chunks]


def restore(definition: "Definition", document: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> Execution:
    """The instance that a main document and its chunks describe."""
    frames = document["f"]
    top = Execution(definition.specs[frames[0][1]], definition.specs)
    restore_scopes(top.scopes, document["s"])
    restore_frame(top, frames[0])
    for row in frames[1:]:
        restore_body(top, row)
    for (body, ranges), blob in zip(document.get("k", ()), blobs, strict=True):
        top.cold.add(Chunk(body, ranges, blob))
    top.queue.extend(top.index[id_] for id_ in document.get("q", ()))
    top.steps_without_wait = document.get("c", 0)
    top.last_id = document["n"]
    top.outcome, top.error_code = document["o"]
    top.completed = top.outcome is not None
    return top
