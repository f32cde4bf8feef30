"""Configuration from the environment alone, prefix `ORRERY_`, nested by `__`.

Each deployable subclasses `Settings` once and is the only reader of its environment.
An unknown `ORRERY_` name stops the start with a suggestion: a mistyped limit must not be a silent default.
"""

from libs.settings.addresses import Address as Address
from libs.settings.addresses import host_and_port as host_and_port
from libs.settings.build import BuildSettings as BuildSettings
from libs.settings.build import build_of_this_image as build_of_this_image
from libs.settings.reader import Settings as Settings
from libs.settings.reader import UnknownSetting as UnknownSetting
from libs.settings.reader import WrongSettings as WrongSettings
from libs.settings.stores import Authority as Authority
from libs.settings.stores import BlobSettings as BlobSettings
from libs.settings.stores import DatabaseSettings as DatabaseSettings
from libs.settings.stores import KafkaSettings as KafkaSettings
from libs.settings.stores import RedisSettings as RedisSettings
from libs.settings.stores import S3Settings as S3Settings
from libs.settings.wiring import ProcessSettings as ProcessSettings
from libs.settings.wiring import RpcSettings as RpcSettings
from libs.settings.wiring import TelemetrySettings as TelemetrySettings
from libs.settings.wiring import TlsSettings as TlsSettings
