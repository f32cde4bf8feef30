"""Makes a real video: moving scenes with hard cuts, and a voice that speaks over them and ends before the picture does.

`python -m tools.sample_video film.mp4` takes about two CPU seconds. Same arguments, same machine: same bytes.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

SPEECH = "Welcome to Orrery. This short film has four scenes. Each cut becomes a picture, and each sound a number."
RATE = 25
SCENES = (
    "testsrc2=s={size}:r={rate}",
    "mandelbrot=s={size}:r={rate}:end_pts=60",
    "life=s=160x90:r={rate}:seed=7:ratio=0.2:mold=10:life_color=#E8F0FF:death_color=#3060A0",
    "gradients=s={size}:r={rate}:seed=3:speed=0.02:c0=#FFD060:c1=#FF8040:x0=0:y0=0:nb_colors=2",
    "smptehdbars=s={size}:r={rate}",
)
ENCODING = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-g", "50", "-threads", "2"),
    *("-c:a", "aac", "-b:a", "96k"),
    *("-movflags", "+faststart", "-fflags", "+bitexact", "-flags", "+bitexact", "-map_metadata", "-1"),
)


def make_sample(
    path: Path, *, seconds: float = 12, scenes: int = 4, speech: str = SPEECH, width: int = 640, height: int = 360
) -> None:
    """Write an MP4 (H.264, AAC) to `path`; scene n begins at n * seconds / scenes. Raises CalledProcessError.

    Without `speech` it has no sound stream. Without espeak-ng ffmpeg's flite speaks, else a tone sounds.
    """
    with tempfile.TemporaryDirectory() as folder:
        voice = spoken(speech, seconds, Path(folder) / "voice.wav") if speech else []
        heard = ["-map", f"{scenes}:a", "-af", f"apad=whole_dur={seconds}"] if speech else []
        inputs = [*scene_inputs(scenes, f"{width}x{height}"), *voice]
        film = ["-filter_complex", joined(seconds, scenes, width, height), "-map", "[film]"]
        ffmpeg(*inputs, *film, *heard, *ENCODING, "-t", str(seconds), str(path))


def scene_inputs(scenes: int, size: str) -> list[str]:
    sources = (SCENES[place % len(SCENES)].format(size=size, rate=RATE) for place in range(scenes))
    return [word for source in sources for word in ("-f", "lavfi", "-i", source)]


def joined(seconds: float, scenes: int, width: int, height: int) -> str:
    """The filter graph that cuts each scene to its length and sets one after the other."""
    starts = [round(seconds * RATE * place / scenes) for place in range(scenes + 1)]
    like = f"scale={width}:{height},setsar=1,format=yuv420p"
    cuts = [
        f"[{place}:v]trim=end_frame={after - start},{like}[s{place}]"
        for place, (start, after) in enumerate(pairwise(starts))
    ]
    return ";".join([*cuts, "".join(f"[s{place}]" for place in range(scenes)) + f"concat=n={scenes}[film]"])


def spoken(speech: str, seconds: float, voice: Path) -> list[str]:
    """The input arguments of a file that says `speech`."""
    if shutil.which("espeak-ng"):
        command = ["espeak-ng", "-s", "160", "-w", str(voice), "--", speech]
        subprocess.run(command, check=True, capture_output=True)
        return ["-i", str(voice)]
    text = voice.with_suffix(".txt")
    text.write_text(speech, encoding="utf-8")
    if "flite" in subprocess.run(["ffmpeg", "-filters"], check=True, capture_output=True, text=True).stdout:
        return ["-f", "lavfi", "-i", f"flite=textfile={text}"]
    print("No voice is installed (apt-get install espeak-ng); a tone stands for speech.", file=sys.stderr)
    return ["-f", "lavfi", "-i", f"sine=frequency=330:duration={seconds * 0.7}"]


def ffmpeg(*arguments: str) -> None:
    command = ["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-y", *arguments]
    subprocess.run(command, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.sample_video", description="Make a real video to upload.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--scenes", type=int, default=4)
    parser.add_argument("--speech", default=SPEECH)
    chosen = parser.parse_args()
    make_sample(chosen.path, seconds=chosen.seconds, scenes=chosen.scenes, speech=chosen.speech)


if __name__ == "__main__":
    main()
