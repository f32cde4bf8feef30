"""What a User-Agent tells of a device, for people to recognise their own by.

Written here because it is a glance, not an analysis: the libraries' tables of expressions weigh a megabyte, take
milliseconds a text, and are outdated in a year all the same. Whatever this does not know has no name.
"""

import hashlib
import re
from dataclasses import dataclass

WEB, MOBILE, DESKTOP, API = "web", "mobile", "desktop", "api"
# The first that fits counts: each browser also calls itself what the later ones are.
BROWSERS = (
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/(\d{1,4})")),
    ("Opera", re.compile(r"(?:OPR|Opera)/(\d{1,4})")),
    ("Samsung Internet", re.compile(r"SamsungBrowser/(\d{1,4})")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d{1,4})")),
    ("Chrome", re.compile(r"(?:Chrome|CriOS)/(\d{1,4})")),
    ("Safari", re.compile(r"Version/(\d{1,4})[\d.]* (?:Mobile/\S+ )?Safari/")),
)
SYSTEMS = (
    ("iOS", re.compile(r"iPhone|iPad|iPod")),
    ("Android", re.compile(r"Android")),
    ("ChromeOS", re.compile(r"CrOS")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Macintosh|Mac OS X")),
    ("Linux", re.compile(r"Linux|X11")),
)
POCKET = re.compile(r"Mobi|iPhone|iPad|Android")
SHELL = re.compile(r"Electron/|Tauri/")
PROGRAM = re.compile(r"([A-Za-z][\w.+-]{0,39})/v?(\d{1,4})")


@dataclass(frozen=True, slots=True)
class Device:
    """A kind of device; names are empty where unknown."""

    type: str
    os: str = ""
    browser: str = ""
    version: str = ""

    def fingerprint(self, person: object) -> str:
        """The same for the same kind of device of one person, whatever its version; 32 characters."""
        text = "\0".join((str(person), self.type, self.os, self.browser))
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def device(agent: str) -> Device:
    """By a User-Agent, which anybody may write as they like."""
    os = next((name for name, pattern in SYSTEMS if pattern.search(agent)), "")
    for name, pattern in BROWSERS:
        if found := pattern.search(agent):
            return Device(kind(agent), os, name, found[1])
    program = PROGRAM.match(agent)
    if program and not agent.startswith("Mozilla/"):
        return Device(MOBILE if POCKET.search(agent) else API, os, program[1], program[2])
    return Device(kind(agent) if os else API, os)


def kind(agent: str) -> str:
    if SHELL.search(agent):
        return DESKTOP
    return MOBILE if POCKET.search(agent) else WEB
