"""The charts: rendered, held against schemas, documented. `make charts` checks, `make charts-write` writes the READMEs.

Rendering works on a copy that has its dependencies, made once for each state of `charts/`; the tree stays as it is.
"""
