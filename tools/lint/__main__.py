"""`python -m tools.lint`: every rule over every file that git knows."""

import sys
from pathlib import Path

from tools.lint.rules import RULES
from tools.lint.sources import Tree


def main() -> None:
    tree = Tree.of_git(Path.cwd())
    lines = [line for rule in RULES for line in rule.report(tree)]
    print("\n".join(lines) or f"{len(RULES)} rules, no offence")
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
