"""Turns an uploaded file into what is shown of a video: facts, pictures, sound levels, a stream.

Pure functions over files: no database, no network, no queue. Everything that reads the file is ffmpeg in a sandbox.
"""

from services.media.processing.errors import Interrupted as Interrupted
from services.media.processing.errors import Unusable as Unusable
from services.media.processing.hls import signed as signed
from services.media.processing.isolation import isolation as isolation
from services.media.processing.limits import Limits as Limits
from services.media.processing.pipeline import Artifact as Artifact
from services.media.processing.pipeline import Moment as Moment
from services.media.processing.pipeline import Result as Result
from services.media.processing.pipeline import process as process
from services.media.processing.probe import Probe as Probe
