"""How brokers are spoken to, and whether they let this process in."""

import asyncio
import ssl
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

from libs.settings import KafkaSettings
from libs.telemetry import Answer, No, get_logger

log = get_logger(__name__)
ASK_SECONDS = 2.0
REFUSALS = (SaslAuthenticationFailed, UnsupportedSaslMechanismError, ssl.SSLCertVerificationError)


def security(settings: KafkaSettings) -> dict[str, Any]:
    """What every client of aiokafka is told of it."""
    told: dict[str, Any] = {"security_protocol": settings.protocol}
    if settings.has_tls:
        told["ssl_context"] = ssl.create_default_context(cafile=settings.authority)
    if settings.has_login and settings.password:
        told["sasl_mechanism"] = settings.mechanism
        told["sasl_plain_username"] = settings.username
        told["sasl_plain_password"] = settings.password.get_secret_value()
    return told


class Admittance:
    """Whether the brokers let this process in: asked until one did, for a refusal later hits all of the fleet alike."""

    def __init__(self, brokers: str, way: dict[str, Any]) -> None:
        self._brokers, self._way = brokers, way
        self._is_in = False
        self._told = ""

    async def is_given(self) -> Answer:
        """No while brokers refuse these credentials, or show a certificate that is not believed.

        Brokers that are away refuse nobody. Each reason is logged once.
        """
        try:
            self._is_in = self._is_in or await self._ask()
        except REFUSALS as refusal:
            return No(self._told_of(refusal))
        return True

    async def _ask(self) -> bool:
        """Whether a broker let us in; raises its refusal."""
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await self._ask_each()
        except TimeoutError:
            return False

    async def _ask_each(self) -> bool:
        for host, port, _ in collect_hosts(self._brokers):
            try:
                connection = await create_conn(host, port, **self._way)
            except REFUSALS:
                raise
            except (KafkaError, OSError):
                continue
            connection.close()
            return True
        return False

    def _told_of(self, refusal: Exception) -> str:
        reason = str(refusal)
        if isinstance(refusal, UnsupportedSaslMechanismError):
            reason = f"the brokers do not know the mechanism {self._way['sasl_mechanism']}"
        if reason != self._told:
            self._told = reason
            user = self._way.get("sasl_plain_username")
            log.error("kafka_refused", brokers=self._brokers, user=user, reason=reason)
        return reason
