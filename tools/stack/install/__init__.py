"""Gets what is missing, by package managers only: apt, Go modules, Maven. Standard library only, so that it can run
beside `uv sync`, before there is an environment. Each installer is idempotent and may run in several processes at once.
"""
