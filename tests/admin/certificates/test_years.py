"""Renewal and the authority's rotation, day by day over years, checked by a TLS library's own verifier."""

from datetime import timedelta

import pytest
from cryptography.x509.verification import VerificationError

from admin.certificates.authority import NEXT, PREVIOUS
from admin.certificates.material import begins, ends, is_signed_by
from tests.admin.certificates.fleet import BEGIN, NAMES, Fleet, certificate, wanted


def test_no_call_is_refused_in_three_years_of_renewals_and_rotations() -> None:
    fleet = Fleet(wanted(authority_days=300, days=30), lag=9)

    fleet.live(3 * 365)

    assert sum("signs by its successor" in one for one in fleet.said) >= 3
    assert sum("forgot its predecessor" in one for one in fleet.said) >= 3
    assert sum(one.startswith("tls-auth renewed") for one in fleet.said) >= 3 * 365 // 21


def test_the_shortest_authority_that_is_allowed_rotates_without_a_refused_call() -> None:
    fleet = Fleet(wanted(authority_days=150, days=30), lag=9)

    fleet.live(900)

    assert sum("signs by its successor" in one for one in fleet.said) >= 5


def test_a_day_on_which_nothing_is_due_writes_nothing() -> None:
    fleet = Fleet(wanted())
    fleet.live(1)
    writes = fleet.store.writes

    fleet.live(18)

    assert fleet.store.writes == writes


def test_a_successor_is_trusted_by_all_a_renewal_period_before_it_signs() -> None:
    fleet = Fleet(wanted(authority_days=300, days=30))
    fleet.live_until(lambda: NEXT in fleet.held("tls-ca"))
    made = fleet.now
    successor = fleet.held("tls-ca")[NEXT]

    assert all(successor.strip() in fleet.held(name)["ca.crt"] for name in NAMES)
    fleet.live_until(lambda: NEXT not in fleet.held("tls-ca"))

    assert fleet.now - made >= timedelta(days=19)
    assert fleet.held("tls-ca")["tls.crt"] == successor


def test_a_successor_that_somebody_does_not_trust_yet_does_not_sign() -> None:
    fleet = Fleet(wanted(authority_days=300, days=30))
    fleet.live_until(lambda: NEXT in fleet.held("tls-ca"))
    held = fleet.held("tls-auth")
    ignorant = {**held, "ca.crt": fleet.held("tls-ca")["tls.crt"]}
    fleet.store.put("tls-auth", ignorant)  # as if every run since had died before it
    fleet.now += timedelta(days=30)

    fleet.run()

    assert NEXT in fleet.held("tls-ca")
    assert fleet.held("tls-ca")[NEXT].strip() in fleet.held("tls-auth")["ca.crt"]


def test_a_predecessor_is_forgotten_when_nothing_that_it_signed_lives() -> None:
    fleet = Fleet(wanted(authority_days=300, days=30))
    fleet.live_until(lambda: PREVIOUS in fleet.held("tls-ca"))
    predecessor = certificate(fleet.held("tls-ca"), PREVIOUS)
    promoted = fleet.now

    fleet.live_until(lambda: PREVIOUS not in fleet.held("tls-ca"))

    assert not any(is_signed_by(certificate(fleet.held(name)), predecessor) for name in NAMES)
    assert fleet.now - promoted >= timedelta(days=30)


def test_after_years_without_the_job_one_run_makes_a_fleet_that_understands_itself() -> None:
    fleet = Fleet(wanted())
    fleet.live(5)
    fleet.now = BEGIN + timedelta(days=4000)
    with pytest.raises(VerificationError):
        fleet.call()

    fleet.live(1)

    assert "tls-ca had expired; replaced" in "\n".join(fleet.said)


def test_a_job_that_returns_when_its_authority_is_about_to_end_loses_no_call() -> None:
    fleet = Fleet(wanted(authority_days=300, days=30))
    fleet.live(1)
    fleet.now = BEGIN + timedelta(days=290)
    fleet.run()  # what was deployed had expired long ago: it starts anew here

    fleet.live(200)

    assert sum("signs by its successor" in one for one in fleet.said) == 1


def test_a_certificate_never_outlives_who_signed_it() -> None:
    fleet = Fleet(wanted(authority_days=300, days=30))
    for _ in range(400):
        fleet.live(1)
        for name in NAMES:
            held = fleet.held(name)
            signed = certificate(held)
            signers = [certificate(fleet.held("tls-ca"), key) for key in signer_keys(fleet)]
            assert any(
                one.subject == signed.issuer and ends(signed) <= ends(one) and begins(one) <= begins(signed)
                for one in signers
            )


def signer_keys(fleet: Fleet) -> list[str]:
    return [key for key in ("tls.crt", PREVIOUS) if key in fleet.held("tls-ca")]
