"""The files that rules look at, each read and parsed once."""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LARGEST_TEXT = 1_000_000  # bytes; lock files and fixtures above it are not ours to read


@dataclass(frozen=True)
class Source:
    """One text file; `path` is relative to the repository's root."""

    path: Path
    text: str

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def module(self) -> ast.Module:
        """The syntax tree of a Python file; raises SyntaxError with its path."""
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Line numbers and texts of a Python file's comments; a `#` inside a string is none."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]

    def is_in(self, *folders: str) -> bool:
        """Whether the file lies somewhere under one of these folders."""
        return any(self.path.is_relative_to(folder) for folder in folders)


class Tree:
    """A repository's text files."""

    def __init__(self, root: Path, paths: list[Path]) -> None:
        """`paths` are relative to `root`."""
        self.root, self.paths = root, sorted(paths)

    @classmethod
    def of_git(cls, root: Path) -> "Tree":
        """What git tracks or would track: ignored files are nobody's concern."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=root,
            check=True,
            capture_output=True,
            text=True,
        )
        paths = {Path(name) for name in listed.stdout.split("\0") if name}
        return cls(root, [path for path in paths if (root / path).is_file()])

    @cached_property
    def texts(self) -> list[Source]:
        """Every file that is UTF-8 text."""
        return list(self._read())

    @cached_property
    def python(self) -> list[Source]:
        """Every Python file of ours."""
        return [source for source in self.texts if source.path.suffix == ".py" and not source.is_in("third_party")]

    def _read(self) -> Iterator[Source]:
        for path in self.paths:
            data = (self.root / path).read_bytes()
            if len(data) > LARGEST_TEXT or b"\0" in data:
                continue
            try:
                yield Source(path, data.decode())
            except UnicodeDecodeError:
                continue
