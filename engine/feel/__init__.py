"""FEEL, the expression language of DMN 1.5 (chapter 10): `compile(text).evaluate(variables, env)`.

Values are Decimal, str, bool, None, list, dict, and FEEL's own Date, Time, DateTime, DaysTimeDuration,
YearsMonthsDuration, Range and Function. `from_python` takes ints, floats and datetimes in, `to_python` gives them back.
An expression reaches nothing but its variables, the built-ins and `Environment.functions`.
"""

from engine.feel.codec import from_json, from_python, to_json, to_plain, to_python
from engine.feel.compile import PILAR_FUNCTIONS, Expression, compile, compile_unary
from engine.feel.environment import Budget, Environment
from engine.feel.errors import FeelBudgetError, FeelSyntaxError, NullResult
from engine.feel.parser import parse, parse_unary
from engine.feel.show import plain as to_text
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.temporal_text import read_date, read_date_time, read_duration, read_temporal, read_time
from engine.feel.values import Function, Range, compare, equal, type_name
from engine.feel.walk import walk

__all__ = [
    "PILAR_FUNCTIONS",
    "Budget",
    "Date",
    "DateTime",
    "DaysTimeDuration",
    "Environment",
    "Expression",
    "FeelBudgetError",
    "FeelSyntaxError",
    "Function",
    "NullResult",
    "Range",
    "Time",
    "YearsMonthsDuration",
    "compare",
    "compile",
    "compile_unary",
    "equal",
    "from_json",
    "from_python",
    "parse",
    "parse_unary",
    "read_date",
    "read_date_time",
    "read_duration",
    "read_temporal",
    "read_time",
    "to_json",
    "to_plain",
    "to_python",
    "to_text",
    "type_name",
    "walk",
]
