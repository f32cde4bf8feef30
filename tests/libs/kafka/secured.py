"""A real broker that lets in over TLS who has a password: SCRAM-SHA-512 and PLAIN."""

import subprocess
from pathlib import Path

from libs.settings import KafkaSettings
from tests.libs.keys import Authority
from tools.stack import parts, ports
from tools.stack.parts.kafka import CLUSTER

USER, PASSWORD = "orrery", "s3cret@:/%+&#?"
LOGIN = "org.apache.kafka.common.security"


class SecuredKafka(parts.Kafka):
    """Beside its plain listener, which this tree's own checks use, one with SASL_SSL at `secured`."""

    def __init__(self, folder: Path, port: int, *, controller_port: int = 0) -> None:
        super().__init__(folder, port, controller_port=controller_port)
        self.secured = f"localhost:{ports.free()}"
        self.authority = Authority.make(folder / "authority")
        self._store = folder / "broker.pem"
        certificate, key = self.authority.issue("localhost")
        self._store.write_bytes(key.read_bytes() + certificate.read_bytes())

    def settings(self, **changed: object) -> KafkaSettings:
        """A service's settings, its mechanism SCRAM-SHA-512."""
        values: dict[str, object] = {
            "brokers": self.secured,
            "protocol": "SASL_SSL",
            "mechanism": "SCRAM-SHA-512",
            "username": USER,
            "password": PASSWORD,
            "authority": self.authority.file,
        }
        return KafkaSettings.model_validate(values | changed)

    def _addresses(self) -> str:
        plain = f'{LOGIN}.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        lines = {
            "listeners": f"PLAINTEXT://{self.address},SECURED://{self.secured},"
            f"CONTROLLER://{ports.HOST}:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.address},SECURED://{self.secured}",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL",
            "listener.name.secured.sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
            "listener.name.secured.scram-sha-512.sasl.jaas.config": f"{LOGIN}.scram.ScramLoginModule required;",
            "listener.name.secured.plain.sasl.jaas.config": plain,
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self._store),
        }
        return super()._addresses() + "".join(f"{key}={value}\n" for key, value in lines.items())

    def _format(self) -> None:
        user = f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"
        tool = [*self._java(), "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(self._properties)]
        subprocess.run([*tool, "--add-scram", user], capture_output=True, check=True)
