"""The repository's own lint rules: what ruff, mypy and import-linter cannot know about this fleet.

Each rule is a module of `tools.lint.rules` that opens with the accident it prevents and ends with `RULE`.
`python -m tools.lint` prints `path:line rule — sentence`, one line an offence, and exits 1 when there is one.
"""
