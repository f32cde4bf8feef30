"""What can go wrong with images, as sentences for whoever called."""


class ImageError(Exception):
    """Told in one line; the command ends with status 1."""


class UnknownImage(ImageError):
    """No image has this name."""


class BuildFailed(ImageError):
    """The builder ended with an error; its own last lines say why."""


class WrongContents(ImageError):
    """What an image says it holds is no CycloneDX; a line for each mistake."""
