"""The bench's case for django-viewflow: a task that comes again while rounds are left."""

from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.flow import views


class CaseFlow(flow.Flow):
    """As `tests.bench.complete_task.diagram` draws it."""

    lock_impl = lock.select_for_update_lock
    start = flow.StartHandle(this.begin).Next(this.assess)
    assess = flow.View(views.UpdateProcessView.as_view(fields=[])).Permission("viewflow.assess").Next(this.again)
    again = flow.If(lambda activation: activation.process.data["rounds"] > 0).Then(this.assess).Else(this.end)
    end = flow.End()

    def begin(self, activation, facts):
        """Start with these facts."""
        activation.process.data = facts
        return activation.process
