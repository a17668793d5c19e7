"""Instances of a large multi-instance activity that nobody touches stay compressed, a few dozen in a chunk.

So completing one of a thousand tasks reads and writes the chunk it is in and little more. A chunk knows the ids of its
tokens, as ranges, of which there are few; whoever needs one of them, or all, has it thawed first.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.bpmn.packing import pack, unpack
from engine.bpmn.tokens import READY, Token

if TYPE_CHECKING:
    from engine.bpmn.workflow import Execution

CHUNK = 24
WORTH_IT = 64


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some instances of the multi-instance token `body`: the ids of all tokens in them, and their rows.

    `ranges` are first, last, first, last...
    """

    body: str
    ranges: Sequence[int]
    blob: bytes

    def holds(self, number: int) -> bool:
        """Whether the token with this id is in it."""
        at = bisect_left(self.ranges, number)
        return at < len(self.ranges) and (at % 2 == 1 or self.ranges[at] == number)


def ranges_of(ids: Iterable[str]) -> list[int]:
    """Ids as ranges."""
    ranges: list[int] = []
    for number in sorted(map(int, ids)):
        if ranges and ranges[-1] == number - 1:
            ranges[-1] = number
        else:
            ranges += (number, number)
    return ranges


def freeze(top: "Execution") -> tuple[list[Chunk], set[str]]:
    """Chunks for the instances that are in memory, and the ids in them; nothing changes in memory."""
    chunks: list[Chunk] = []
    ids: set[str] = set()
    for body in _large_bodies(top):
        instances = [body.workflow.tasks[child] for child in body._children]
        families = [_family(top, token) for token in instances if token.task_spec.multi is body.task_spec]
        calm = [family for family in families if all(token._state != READY for token in family)]
        for start in range(0, len(calm), CHUNK):
            chunks.append(_chunk(top, body, calm[start : start + CHUNK]))
        ids.update(token.id for family in calm for token in family)
    return chunks, ids


def _large_bodies(top: "Execution") -> list[Token]:
    """Outermost multi-instance tokens with many instances, or with some in chunks already."""
    found = []
    for token in top.index.values():
        state = token.internal_data.get("m")
        if state is not None and (len(token._children) >= WORTH_IT or top.cold.holds(token.id)) and _outermost(token):
            found.append(token)
    return found


def _outermost(token: Token) -> bool:
    frame = token.workflow
    while frame.parent_task_id is not None:
        owner = frame.owner
        if owner.task_spec.multi is not None:
            return False
        frame = owner.workflow
    return True


def _family(top: "Execution", token: Token) -> list[Token]:
    """The token of one instance and all tokens in it."""
    family, todo = [], [token]
    while todo:
        one = todo.pop()
        family.append(one)
        todo += [one.workflow.tasks[child] for child in one._children]
        body = top.subprocesses.get(one.id)
        if body is not None:
            todo += [body.tasks[child] for child in body.task_tree._children]
    return family


def _chunk(top: "Execution", body: Token, families: list[list[Token]]) -> Chunk:
    from engine.bpmn.rows import frame_row, scope_rows, token_row

    tokens = [token for family in families for token in family]
    frames = [top.subprocesses[token.id] for token in tokens if token.id in top.subprocesses]
    keys = [key for token in tokens for key in (token.id, token.id + "/") if key in top.scopes]
    document = [
        [token_row(family[0]) for family in families],
        [frame_row(frame, set()) for frame in frames],
        scope_rows(top.scopes, keys),
    ]
    return Chunk(body.id, ranges_of(token.id for token in tokens), pack(document))


class Cold:
    """The chunks of one loaded instance that are not thawed."""

    def __init__(self, top: "Execution") -> None:
        self._top = top
        self._chunks: list[Chunk] = []

    def add(self, chunk: Chunk) -> None:
        """A chunk was loaded."""
        self._chunks.append(chunk)

    def holds(self, body: str) -> bool:
        """Whether instances of this multi-instance token are cold."""
        return any(chunk.body == body for chunk in self._chunks)

    def chunks(self) -> list[Chunk]:
        """Those that are still cold."""
        return list(self._chunks)

    def thaw_token(self, token_id: str) -> None:
        """Bring this token back, if it is here."""
        if self._chunks and token_id.isdecimal():
            number = int(token_id)
            for chunk in [chunk for chunk in self._chunks if chunk.holds(number)]:
                self._thaw(chunk)

    def thaw_body(self, body: str) -> None:
        """Bring all instances of this multi-instance token back."""
        for chunk in [chunk for chunk in self._chunks if chunk.body == body]:
            self._thaw(chunk)

    def thaw_all(self) -> None:
        """Bring everything back."""
        for chunk in self.chunks():
            self._thaw(chunk)

    def _thaw(self, chunk: Chunk) -> None:
        from engine.bpmn.rows import restore_body, restore_scopes, restore_tokens

        self._chunks.remove(chunk)
        tokens, frames, scopes = unpack(chunk.blob)
        restore_scopes(self._top.scopes, scopes)
        restore_tokens(self._top.index[chunk.body].workflow, tokens)
        for frame in frames:
            restore_body(self._top, frame)
