"""Renewal and the authority's rotation, day by day over years, checked by a TLS library's own verifier."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

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


def test_what_was_made_by_a_clock_that_was_ahead_is_made_anew_by_a_right_one() -> None:
    fleet = Fleet(wanted())
    fleet.now = BEGIN + timedelta(days=4000)
    fleet.run()
    fleet.now = BEGIN

    fleet.live(60)

    replaced = [one for one in fleet.said if "look at the nodes' clocks" in one]
    assert len(replaced) == 1
    assert "2037-02-11" in replaced[0]
    assert "2026-03-01" in replaced[0]
    assert len(replaced[0].splitlines()) == 1


def test_certificates_of_a_clock_that_was_ahead_are_renewed_alone() -> None:
    fleet = Fleet(wanted(authority_days=300))
    fleet.live(1)
    fleet.now += timedelta(days=60)
    fleet.run()
    authority = fleet.held("tls-ca")
    fleet.now -= timedelta(days=50)

    fleet.live(3)

    assert fleet.held("tls-ca")["tls.crt"] == authority["tls.crt"]
    assert "tls-auth renewed" in fleet.said[-1] or "tls-media renewed" in fleet.said[-1]
    assert "begins only on" in fleet.said[-1]


def test_a_successor_of_a_clock_that_was_ahead_is_given_up() -> None:
    fleet = Fleet(wanted(authority_days=300))
    fleet.live(1)
    fleet.now = BEGIN + timedelta(days=250)
    fleet.run()
    assert NEXT in fleet.held("tls-ca")
    fleet.now = BEGIN + timedelta(days=2)

    fleet.live(400)

    assert any("gave up its successor" in one for one in fleet.said)
    assert sum("signs by its successor" in one for one in fleet.said) == 1


def test_a_clock_that_is_behind_is_told_and_what_was_signed_before_stays_trusted() -> None:
    fleet = Fleet(wanted())
    fleet.live(1)
    before = {name: fleet.held(name) for name in NAMES}
    right, fleet.now = fleet.now, BEGIN - timedelta(days=1)

    fleet.run()
    fleet.now = right

    assert "this clock says 2026-02-28" in "\n".join(fleet.said)
    for name in NAMES:
        roots = Store(x509.load_pem_x509_certificates(fleet.held(name)["ca.crt"]))
        verifier = PolicyBuilder().store(roots).time(right).build_server_verifier(x509.DNSName(NAMES[name][0]))
        verifier.verify(certificate(before[name]), [])
    fleet.live(100)
