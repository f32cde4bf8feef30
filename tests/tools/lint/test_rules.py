"""What holds for all rules."""

from pathlib import Path

from tools.lint import rules
from tools.lint.rules import RULES
from tools.lint.sources import Tree

MODULES = sorted(path for path in Path(rules.__file__).parent.glob("*.py") if path.name != "__init__.py")


def test_every_module_is_listed_has_a_test_and_opens_with_its_accident() -> None:
    tests = {path.name for path in Path(__file__).parent.glob("test_*.py")}

    assert len(MODULES) == len(RULES)
    assert {f"test_{path.name}" for path in MODULES} <= tests
    assert all(path.read_text().startswith('"""') and path.read_text().count("\n\n") > 1 for path in MODULES)


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


def test_binary_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0\xff")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe latin")

    assert Tree(tmp_path, [Path("a.png"), Path("b.txt")]).texts == []
