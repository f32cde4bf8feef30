"""`python -m tools.dashboards`: write every dashboard anew."""

import json

from tools.dashboards.boards import boards
from tools.dashboards.layout import Board
from tools.stack.layout import ROOT

FOLDER = ROOT / "charts" / "platform" / "dashboards"


def text(board: Board) -> str:
    """The file as it is kept: short lines, so that a change can be read."""
    return json.dumps(board.json(), indent=1) + "\n"


def main() -> None:
    for board in boards().values():
        (FOLDER / f"{board.uid}.json").write_text(text(board))


if __name__ == "__main__":
    main()
