"""BPMN execution: the only package that imports SpiffWorkflow. Pure: no rows, no input or output, no clock."""

from engine.bpmn.cycles import Firing
from engine.bpmn.definition import Definition, ElementInfo
from engine.bpmn.deltas import apart, together, write_whole
from engine.bpmn.errors import InvalidState, ProcessNotFound, WaitNotFound
from engine.bpmn.findings import Finding
from engine.bpmn.instance import Instance
from engine.bpmn.model import (
    Advance,
    Incident,
    JobWait,
    MessageWait,
    SignalWait,
    Step,
    ThrownMessage,
    ThrownSignal,
    TimerWait,
    UserTaskWait,
    Wait,
)
from engine.bpmn.starts import TimerStart
from engine.bpmn.turn import Runtime

__all__ = [
    "Advance",
    "Definition",
    "ElementInfo",
    "Finding",
    "Firing",
    "Incident",
    "Instance",
    "InvalidState",
    "JobWait",
    "MessageWait",
    "ProcessNotFound",
    "Runtime",
    "SignalWait",
    "Step",
    "ThrownMessage",
    "ThrownSignal",
    "TimerStart",
    "TimerWait",
    "UserTaskWait",
    "Wait",
    "WaitNotFound",
    "apart",
    "together",
    "write_whole",
]
