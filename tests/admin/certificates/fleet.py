"""An installation through the years: the daily job, and processes that notice a new certificate days later."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from admin.certificates.authority import AUTHORITIES, CERTIFICATE, Data, Lives
from admin.secrets import making
from admin.secrets.specification import Specification
from tests.admin.memory import Memory

BEGIN = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
NAMES = {"tls-auth": ["auth", "auth.shop.svc"], "tls-media": ["media"]}


def wanted(authority_days: int = 300, days: int = 30) -> Specification:
    return Specification.model_validate(
        {"certificates": {"authority": "tls-ca", "authorityDays": authority_days, "days": days, "issue": NAMES}}
    )


def lives(wanted: Specification) -> Lives:
    assert wanted.certificates
    return Lives.of_days(wanted.certificates.authority_days, wanted.certificates.days)


def certificate(data: Data, key: str = CERTIFICATE) -> x509.Certificate:
    return x509.load_pem_x509_certificate(data[key])


def verify(server: Data, client: Data, name: str, now: datetime) -> None:
    """What a client does with a server's certificate, and a server with a client's; raises VerificationError."""
    for shown, believes in ((server, client), (client, server)):
        roots = Store(x509.load_pem_x509_certificates(believes[AUTHORITIES]))
        policy = PolicyBuilder().store(roots).time(now)
        if shown is server:
            policy.build_server_verifier(x509.DNSName(name)).verify(certificate(shown), [])
        else:
            policy.build_client_verifier().verify(certificate(shown), [])


class Fleet:
    """Processes that read their files `lag` days late; the slowest of them is who a rotation must wait for."""

    def __init__(self, wanted: Specification, lag: int = 0) -> None:
        self.wanted, self.store, self.now = wanted, Memory(), BEGIN
        self.said: list[str] = []
        self._seen: dict[str, deque[Data]] = {name: deque(maxlen=lag + 1) for name in NAMES}

    def live(self, days: int, *, job: bool = True) -> None:
        """So many days; on each the job runs, then everybody calls everybody."""
        for _ in range(days):
            if job:
                self.run()
            for name, seen in self._seen.items():
                seen.append(self.store.secrets[name].data)
            self.call()
            self.now += timedelta(days=1)

    def live_until(self, is_so: Callable[[], bool]) -> None:
        """Day by day until it is so; raises AssertionError where it never is."""
        for _ in range(1000):
            self.live(1)
            if is_so():
                return
        raise AssertionError("it never happened")

    def held(self, name: str) -> Data:
        found = self.store.read(name)
        return found.data if found else {}

    def run(self) -> None:
        for one in making.make(self.wanted, self.store, self.now):
            if one.is_changed:
                self.said.append(f"{one.name} {one.what}")

    def call(self) -> None:
        """Each calls each, the slow ones and the quick ones."""
        for name, answers in self._seen.items():
            for asks in self._seen.values():
                for server, client in product((answers[0], answers[-1]), (asks[0], asks[-1])):
                    verify(server, client, NAMES[name][0], self.now)
