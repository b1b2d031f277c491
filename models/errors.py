"""What can go wrong with numbers.

::

    ModelError
    ├── ParameterError     a value out of its range: name, value, unit
    └── WeightsError       a weights file that is damaged or of another network

All of them pickle: arguments go to ``super().__init__`` unchanged, or ``__reduce__`` gives them back.
"""


class ModelError(Exception):
    """Anything wrong with numbers given to a model; the user can mend it."""


class ParameterError(ModelError):
    """A parameter is out of its range.

    Parameters
    ----------
    name
        The parameter, as the user knows it.
    value
        What was given, with its unit.
    mend
        What is allowed.
    """

    def __init__(self, name: str, value: object, mend: str) -> None:
        super().__init__(name, value, mend)
        self.name, self.value, self.mend = name, value, mend

    def __str__(self) -> str:
        return f"{self.name} = {self.value} cannot be used. {self.mend}"


class WeightsError(ModelError):
    """A weights file that cannot be loaded as what it should be."""

    def __init__(self, path: str, what: str, mend: str) -> None:
        super().__init__(path, what, mend)
        self.path, self.what, self.mend = path, what, mend

    def __str__(self) -> str:
        return f"{self.path}: {self.what}. {self.mend}"
