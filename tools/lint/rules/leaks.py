"""No secret, no machine's own path and no package mirror in the repository.

A key that was pushed for one minute was used within four. A path of somebody's home folder made a build pass on that
one machine, and a lock file with an internal mirror could be installed by nobody else.
"""

import re
from collections.abc import Iterator

from tools.lint.rule import Offence, Rule
from tools.lint.sources import Tree

ITSELF = ("tools/lint", "tests/tools/lint", "third_party")
PUBLIC_HOSTS = ("pypi.org", "files.pythonhosted.org")
PATTERNS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*$"),
    "a cloud key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "a token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|xox[abpr]-[A-Za-z0-9-]{10,}|[rs]k_live_[A-Za-z0-9]{16,})"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    "a machine's path": re.compile(r"(?<![\w.$}/-])/(?:home|Users|root|work|workspace)/[A-Za-z0-9_.-]+"),
    "a password in a URL": re.compile(r"\bhttps?://[^/\s:@{}<>$]+:[^/\s:@{}<>$]{8,}@"),
}
MIRROR = re.compile(
    r"(?:index-url|extra-index-url|registry|GOPROXY|PIP_INDEX_URL|UV_INDEX\w*)[\"']?\s*[=: ]\s*[\"']?https?://([^/\"'\s]+)"
)


def check(tree: Tree) -> Iterator[Offence]:
    for source in tree.texts:
        if source.is_in(*ITSELF):
            continue
        for number, line in enumerate(source.lines, 1):
            for found in leaks(line):
                yield Offence(source.path, number, f"{found} has no place in the repository.")


def leaks(line: str) -> Iterator[str]:
    for what, pattern in PATTERNS.items():
        if pattern.search(line):
            yield what
    if (found := MIRROR.search(line)) and found[1] not in PUBLIC_HOSTS:
        yield f"the package mirror {found[1]}"


RULE = Rule("no-leaks", check)
