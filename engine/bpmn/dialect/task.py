"""bpmn:task and bpmn:manualTask: nothing that the engine does or waits for; the token passes."""

from engine.bpmn.dialect.activity import Activity


class PassThrough(Activity):
    """BPMN leaves it to people outside any system; the check says so."""
