import pytest

from tests.tools.lint.conftest import Report
from tools.lint.rules.settings_readers import RULE

READINGS = ["os.environ['ORRERY_LIMIT']", "os.getenv('ORRERY_LIMIT')", "MediaSettings.read()", "MediaSettings()"]


@pytest.mark.parametrize("reading", READINGS)
def test_a_feature_that_reads_settings_for_itself_is_refused(report: Report, reading: str) -> None:
    lines = report(RULE, {"services/media/videos/limits.py": f"found = {reading}\n"})

    assert len(lines) == 1
    assert lines[0].startswith("services/media/videos/limits.py:1 settings-at-the-root — ")


@pytest.mark.parametrize("reading", READINGS)
def test_composition_roots_and_tools_read_them(report: Report, reading: str) -> None:
    job = f'found = {reading}\nif __name__ == "__main__":\n    main()\n'
    roots = ("services/media/__main__.py", "services/media/worker.py", "gateway/settings.py", "tools/stack/layout.py")

    assert report(RULE, {**dict.fromkeys(roots, f"found = {reading}\n"), "libs/inbox/letters.py": job}) == []


def test_settings_that_are_handed_on_or_made_of_values_are_fine(report: Report) -> None:
    text = "def made(settings: MediaSettings): return RpcSettings(listen=settings.rpc.listen)\n"

    assert report(RULE, {"services/media/videos/rpc.py": text}) == []
