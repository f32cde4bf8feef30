"""Register, sign in, upload, wait, and look at what came of it and who did what."""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from admin.smoke import journey as smoke
from admin.smoke.api import Api, Json, Login
from tools.sample_video import make_sample
from tools.stack import start
from tools.stack.environment import public_url
from tools.stack.errors import StackError
from tools.stack.layout import Layout
from tools.stack.login import first_login

T = TypeVar("T")


def run(layout: Layout, console: Console) -> None:
    """Bring the fleet up, run the main job through the gateway, and leave the fleet running."""
    told = start.up(layout, console)
    url = public_url(layout)
    console.rule("The main job, through the gateway only")
    with Api(url) as api:
        login = say(console, "register", lambda: first_login(url, told.keys), "an account, known from now on")
        say(console, "login", lambda: api.sign_in(login), f"as {login.username}: an access token of 30 minutes")
        video = upload(api, console)
        show_video(api, console, video)
        show_logs(api, console)
    farewell(console, url, login, video)


def upload(api: Api, console: Console) -> Json:
    """A film of our own making; returns the processed video."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orrery-demo.mp4"
        say(console, "make a film", lambda: make_sample(file), "12 s, four scenes, a voice")
        return smoke.upload(api, file, partial(step, console))


def show_video(api: Api, console: Console, video: Json) -> None:
    path = f"/api/media/videos/{video['videoId']}"
    captures = api.get(f"{path}/captures")["captures"]
    analyses = api.get(f"{path}/audio-analysis")["analyses"]
    playlist = api.text(f"{path}/stream.m3u8")
    if not captures or not analyses or not playlist.startswith("#EXTM3U"):
        raise StackError("The video is ready, but captures, audio analysis or playlist are missing.", "make doctor")
    facts = {name: video.get(name) for name in ("videoId", "title", "duration", "width", "height", "size", "status")}
    console.print("\n[bold]Video[/]      ", ", ".join(f"{name} {value}" for name, value in facts.items()))
    console.print("[bold]Captures[/]   ", ", ".join(f"at {capture['timestamp']:.1f} s" for capture in captures))
    console.print("[bold]Playlist[/]   ", f"{playlist.count('#EXTINF')} segments")
    table = Table("segment", "features", box=None, pad_edge=False, title="Audio analysis", title_justify="left")
    for analysis in analyses:
        features = ", ".join(f"{name} {value}" for name, value in analysis["features"].items())
        table.add_row(str(analysis["segmentIndex"]), features)
    console.print(table)


def show_logs(api: Api, console: Console) -> None:
    done = Table("at", "action", "of", "by user", "request", box=None, pad_edge=False, title="Who did what")
    for row in reversed(api.rows("/api/v1/audit-logs?limit=8", least=3)):
        target = f"{row['targetEntity']} {row.get('targetId', '')}"
        done.add_row(clock(row["createdAt"]), row["action"], target, str(row.get("userId", "")), row["requestId"])
    console.print(done)
    asked: dict[str, list[str]] = {}
    for row in reversed(api.rows("/api/v1/logs?limit=100", least=3)):
        asked.setdefault(row["message"], []).append(clock(row["timestamp"]))
    requests = Table("first at", "request", "times", box=None, pad_edge=False, title="Each request")
    for message, times in asked.items():
        requests.add_row(times[0], message, str(len(times)))
    console.print(requests)


def clock(moment: str) -> str:
    """The time of day of an RFC 3339 moment, UTC."""
    return moment[11:19]


def farewell(console: Console, url: str, login: Login, video: Json) -> None:
    console.rule("It runs on")
    console.print(f"  API     {url}\n  Docs    {url}/docs  {url}/redoc", highlight=False)
    console.print(f"  Login   {login.username}  {login.password}", highlight=False)
    body = f'{{"username":"{login.username}","password":"{login.password}"}}'
    answer = f"curl -s {url}/api/auth/login -H 'Content-Type: application/json' -d '{body}'"
    token = f"""TOKEN=$({answer} | grep -o '"token":"[^"]*' | cut -d'"' -f4)"""
    console.print(f"  Token   {token}", highlight=False, soft_wrap=True, markup=False)
    video_url = f"{url}/api/media/videos/{video['videoId']}"
    console.print(f'  Try     curl -s {video_url} -H "Authorization: Bearer $TOKEN"', highlight=False, soft_wrap=True)
    console.print("  Next    make test · make status · make logs S=media-worker · make down", highlight=False)


def step(console: Console, what: str, work: Callable[[], T], outcome: Callable[[T], str]) -> T:
    """Do a step of the main job and tell about it."""
    begun = time.monotonic()
    with console.status(f"{what} …"):
        result = work()
    said = f"{outcome(result)} [dim]({time.monotonic() - begun:.1f} s)[/]"
    console.print(f"  [green]✓[/] {what:<30} {said}", highlight=False)
    return result


def say(console: Console, what: str, work: Callable[[], T], outcome: str) -> T:
    return step(console, what, work, lambda _: outcome)
