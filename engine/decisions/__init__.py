"""Decision models (DMN 1.1–1.5): `parse(xml).evaluate(decision_id, variables, env)`."""

from engine.decisions.check import Finding, check_model, check_table
from engine.decisions.decision_model import DecisionModel, Evaluation
from engine.decisions.errors import DecisionError
from engine.decisions.load import parse
from engine.decisions.trace import Trace

__all__ = [
    "DecisionError",
    "DecisionModel",
    "Evaluation",
    "Finding",
    "Trace",
    "check_model",
    "check_table",
    "parse",
]
