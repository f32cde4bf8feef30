"""The names of a backup's files. What has another name beside them is somebody else's: never told, read or removed."""

import re

BACKUPS = "backups/"
POOL = "pool/"
MANIFEST = "manifest.json"
ID = "[0-9]{4}(0[1-9]|1[0-2])([0-2][0-9]|3[01])T([01][0-9]|2[0-3])([0-5][0-9]){2}Z"
OWN = r"(manifest\.json|events\.jsonl\.gz|schemas/[^/\x00]+\.dump|objects/[0-9]{6,}\.jsonl\.gz)"
POOL_FILE = "pool/[0-9a-f]{2}/[0-9a-f]{64}"
FILE = f"({BACKUPS}{ID}/{OWN}|{POOL_FILE})"
FOLDER = f"({BACKUPS}({ID}(/(schemas|objects))?)?|{POOL}([0-9a-f]{{2}})?)/?"

an_id, a_file, a_folder = re.compile(ID), re.compile(FILE), re.compile(FOLDER)


def is_id(name: str) -> bool:
    return an_id.fullmatch(name) is not None


def is_file(name: str) -> bool:
    """Whether a backup has a file that is named so."""
    return a_file.fullmatch(name) is not None


def is_folder(name: str) -> bool:
    """Whether files of backups lie in a folder that is named so."""
    return a_folder.fullmatch(f"{name}/") is not None
