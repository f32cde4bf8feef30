"""Apache Kafka: one broker that is its own controller (KRaft), from Maven Central's jars."""

import os
import socket
import struct
import subprocess
from pathlib import Path
from typing import ClassVar

from tools.stack import ports
from tools.stack.errors import StartFailed
from tools.stack.install import maven
from tools.stack.layout import VERSIONS, installed
from tools.stack.parts.part import Part

CONFIGURATION = Path(__file__).parents[1] / "kafka"
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qg"  # any 16 bytes in base64; a fixed one, for there is one broker
# A short-lived development broker: quick to start and small rather than fast for hours.
FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xms64m", "-Xmx256m"]
API_VERSIONS = 18


class Kafka(Part):
    """One broker; topics are made by clients, never by accident."""

    name = "kafka"
    patience: ClassVar[float] = 90.0

    def __init__(self, folder: Path, port: int, *, controller_port: int = 0) -> None:
        super().__init__(folder, port)
        self.controller_port = controller_port or ports.free()

    @property
    def address(self) -> str:
        """host:port for clients."""
        return f"{ports.HOST}:{self.port}"

    @property
    def archive(self) -> Path:
        """Loaded classes as one file (AppCDS): halves the CPU of a start. Written when a broker first stops."""
        return installed() / f"kafka-{VERSIONS['kafka']}-java{maven.version(str(maven.java()))}.jsa"

    def install(self) -> None:
        maven.ensure()
        maven.java()

    def command(self) -> list[str]:
        archive = self.archive
        share = f"-XX:SharedArchiveFile={archive}" if archive.exists() else f"-XX:ArchiveClassesAtExit={self._draft}"
        return [*self._java(), share, "-Xlog:cds=off", "-Xlog:cds+dynamic=off", "kafka.Kafka", str(self._properties)]

    def prepare(self) -> None:
        super().prepare()
        if self.controller_port != self.port:
            ports.ensure_free("kafka-controller", self.controller_port)
        self._properties.write_text((CONFIGURATION / "server.properties").read_text() + self._addresses())
        if not (self.data / "log" / "meta.properties").exists():
            self._format()

    def answers(self) -> bool:
        """ApiVersions v0, known to every version; a broker serves its port only once the controller has let it in."""
        client = b"stack"
        request = struct.pack(">hhih", API_VERSIONS, 0, 1, len(client)) + client
        with socket.create_connection((ports.HOST, self.port), timeout=3) as broker:
            broker.settimeout(3)
            broker.sendall(struct.pack(">i", len(request)) + request)
            answer = broker.recv(10, socket.MSG_WAITALL)
        return len(answer) == 10 and struct.unpack(">iih", answer)[1:] == (1, 0)  # size, correlation, error

    def stop(self) -> bool:
        ran = super().stop()
        if ran and self._draft.exists():
            self._draft.replace(self.archive)
        return ran

    @property
    def _draft(self) -> Path:
        return self.archive.with_suffix(f".{self.port}.draft")  # brokers that stop at the same time write one each

    @property
    def _properties(self) -> Path:
        return self.data / "server.properties"

    def _addresses(self) -> str:
        lines = {
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{ports.HOST}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address}",
            "controller.quorum.voters": f"1@{ports.HOST}:{self.controller_port}",
            "log.dirs": str(self.data / "log"),
        }
        return "".join(f"{key}={value}\n" for key, value in lines.items())

    def _java(self) -> list[str]:
        log4j = f"-Dlog4j2.configurationFile={CONFIGURATION / 'log4j2.properties'}"
        return [str(maven.java()), *FLAGS, log4j, "-cp", f"{maven.jars()}/*"]

    def _format(self) -> None:
        tool = [*self._java(), "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._properties)]
        done = subprocess.run(tool, env=os.environ, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StartFailed("Kafka could not format its folder.", f"Folder: {self.data}", done.stdout + done.stderr)
