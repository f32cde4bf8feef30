"""Parameters as OAuth sees them: one of a name (RFC 6749 §3.1), an empty one like none."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orrery.auth.v1.oauth_pb2 import Parameter

from services.auth.oauth.errors import InvalidRequest

LONGEST = 16 * 1024  # characters of all together


@dataclass(frozen=True, slots=True)
class Form:
    """The parameters that have a value, and the names that came twice."""

    values: Mapping[str, str]
    doubled: frozenset[str]

    @classmethod
    def of(cls, parameters: Iterable[Parameter]) -> "Form":
        pairs = [(one.name, one.value) for one in parameters]
        counted = Counter(name for name, _ in pairs)
        return cls(
            {name: value for name, value in pairs if value},
            frozenset(name for name, count in counted.items() if count > 1),
        )

    @classmethod
    def strict(cls, parameters: Iterable[Parameter]) -> "Form":
        """Raises InvalidRequest where a name came twice, or all are too much."""
        form = cls.of(parameters)
        if form.doubled:
            raise InvalidRequest("A parameter is given more than once.")
        if sum(len(name) + len(value) for name, value in form.values.items()) > LONGEST:
            raise InvalidRequest("The parameters are too long.")
        return form

    def get(self, name: str) -> str:
        """The value; empty where there is none."""
        return self.values.get(name, "")

    def need(self, name: str) -> str:
        """The value; raises InvalidRequest where there is none."""
        if name not in self.values:
            raise InvalidRequest(f"The parameter {name} is missing.")
        return self.values[name]


def scopes_of(text: str) -> frozenset[str]:
    """The scopes in a parameter: separated by single spaces, in no order."""
    return frozenset(one for one in text.split(" ") if one)
