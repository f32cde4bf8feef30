"""Every rule, in the order they are run; a new one is a module beside these and a name in this list."""

from tools.lint.rule import Rule
from tools.lint.rules import (
    commits,
    ignores,
    leaks,
    mocks,
    module_names,
    promises,
    runbooks,
    selects,
    settings_readers,
    sizes,
    transactions,
    transports,
)

RULES: tuple[Rule, ...] = tuple(
    module.RULE
    for module in (
        commits,
        transactions,
        transports,
        selects,
        settings_readers,
        module_names,
        sizes,
        mocks,
        promises,
        ignores,
        runbooks,
        leaks,
    )
)
