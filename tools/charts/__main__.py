"""`python -m tools.charts [check|docs|schemas]`: prove the charts, or write what is made from them."""

import sys
from collections.abc import Iterator

from tools.charts import docs, render, schemas
from tools.charts.programs import CHARTS, Refused
from tools.charts.validate import complaints
from tools.stack.errors import StackError


def check() -> None:
    """Lint, render and validate every values file of every chart; exit with all that is wrong."""
    wrong = [f"charts/{name}/README.md is not up to date: make charts-write" for name in docs.outdated()]
    for chart in sorted(path.parent.name for path in CHARTS.glob("*/Chart.yaml")):
        wrong += problems(chart)
    if wrong:
        sys.exit("\n".join(wrong))


def problems(chart: str) -> Iterator[str]:
    """One line for each; charts/service is looked at where charts/orrery uses it."""
    for values in render.values_files(chart):
        where = f"{chart}/ci/{values.name}"
        try:
            render.lint(chart, values)
            manifest = render.text(chart, values)
        except Refused as refused:
            yield f"{where}: {refused}"
            continue
        wrong = complaints(manifest)
        yield from (f"{where}: {line}" for line in wrong)
        print(f"{'FAIL' if wrong else 'ok  '}  {where}: {len(render.objects(manifest))} objects", flush=True)


TASKS = {"check": check, "docs": docs.write, "schemas": schemas.write}


def main(task: str = "check") -> None:
    if task not in TASKS:
        sys.exit(f"there is no task {task}; there are {', '.join(TASKS)}")
    try:
        TASKS[task]()
    except StackError as failed:
        sys.exit(str(failed))


if __name__ == "__main__":
    main(*sys.argv[1:])
