"""Sizes of pictures made from a video."""

SMALLEST = 16
"""Pixels; below it some encoders refuse."""


def fit(width: int, height: int, short: int, long: int) -> tuple[int, int]:
    """The even size within `short` x `long` (either way round) nearest to a picture's shape; never larger than it."""
    scale = min(1.0, short / min(width, height), long / max(width, height))
    return even(width * scale), even(height * scale)


def even(pixels: float) -> int:
    return max(SMALLEST, 2 * round(pixels / 2))


def scaled(size: tuple[int, int]) -> str:
    """The filter that brings any picture to `size` with square pixels; each picture is turned upright before it."""
    return f"scale={size[0]}:{size[1]}:flags=bicubic,setsar=1"
