"""No two things that are done under an advisory lock wait for each other by accident."""

import re
from pathlib import Path

from libs.database.locks import Lock

NUMBER = re.compile(r"\b7_?23[78](?:_?\d{3})?\b|advisory\w*lock\w*\(\s*(\d[\d_]*)")


def numbers() -> dict[str, set[int]]:
    """The numbers that stand in the programs' sources, by file."""
    files = [path for folder in ("libs", "services", "gateway", "admin") for path in Path(folder).rglob("*.py")]
    found = {str(path): {number(one) for one in NUMBER.finditer(path.read_text())} for path in files}
    return {path: each for path, each in found.items() if each}


def number(found: re.Match[str]) -> int:
    return int((found[1] or found[0]).replace("_", ""))


def test_a_locks_number_stands_in_one_place_or_in_a_migration_which_stays_as_it_is() -> None:
    found = numbers()

    del found["libs/database/locks.py"]

    assert found == {"services/audit/migrations/versions/0001_history.py": {Lock.HISTORY}}
