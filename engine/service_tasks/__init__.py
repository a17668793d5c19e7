"""The operations that a diagram's service tasks may call, by name. One file each; `run(session, context, inputs)`."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.casework.work import Operation

OPERATIONS: Mapping[str, Operation] = MappingProxyType({})
