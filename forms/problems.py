"""What can be wrong: with an answer (`Problem`) and with a form definition (`FormError`)."""

from collections.abc import Mapping, Sequence


class Problem(str):
    """One thing wrong with one answer: a stable code with parameters; pages turn it into a sentence.

    It is a string (the code), so it can travel wherever error codes travel, for instance in `InvalidForm`.
    """

    __slots__ = ("params",)
    params: Mapping[str, object]

    def __new__(cls, code: str, **params: object) -> "Problem":
        """Make the problem `code`; `params` are numbers and words its sentence needs."""
        problem = super().__new__(cls, code)
        problem.params = params
        return problem

    @property
    def code(self) -> str:
        """The stable code alone."""
        return str(self)


class FormError(ValueError):
    """A form definition that cannot be used. `problems`: sentences that name the component and the reason."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
