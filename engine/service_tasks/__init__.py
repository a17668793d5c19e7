"""The operations that a diagram's service tasks may call, by name. One file each; `run(session, context, inputs)`."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.casework.work import Operation
from engine.service_tasks import alert_on_call, attach_case_to_event, close_disaster_event, open_disaster_event

OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        "alert-on-call": alert_on_call.run,
        "attach-case-to-event": attach_case_to_event.run,
        "close-disaster-event": close_disaster_event.run,
        "open-disaster-event": open_disaster_event.run,
    }
)
