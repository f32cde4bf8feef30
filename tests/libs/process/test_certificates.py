"""A process whose certificate is not, or no longer, good."""

from pathlib import Path

from tests.libs.keys import Authority
from tests.libs.process.test_process import Running, program
from tests.libs.waiting import eventually

SECONDS = 1 / 86_400


def shown(authority: Authority, days: float) -> dict[str, str]:
    certificate, key = authority.issue("program", days=days)
    files = {"CERTIFICATE": certificate, "KEY": key, "AUTHORITY": authority.file}
    return {f"RPC__{name}": str(file) for name, file in files.items()}


async def is_unready(running: Running) -> bool:
    return await running.answers("/readyz", 503)


async def test_an_expired_certificate_ends_the_start_with_one_line(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path / "authority")

    async with program(tmp_path, **shown(authority, -2)) as running:
        code, lines, err = await running.ended()

    assert (code, lines) == (1, [])
    assert err.startswith(f"{authority.folder}/program.pem expired on ")
    assert err.count("\n") == 1


async def test_a_certificate_that_expires_makes_it_unready_and_a_renewed_one_ready_again(tmp_path: Path) -> None:
    authority = Authority.make(tmp_path / "authority")

    async with program(tmp_path, **shown(authority, 30 * SECONDS)) as running:
        await eventually(running.is_ready)
        await eventually(lambda: is_unready(running))
        answer = await running.get("/readyz")
        authority.issue("program")
        await eventually(running.is_ready)

    assert answer
    assert answer.json()["certificate"] is False
    assert "program.pem expired on" in answer.json()["reasons"]["certificate"]
