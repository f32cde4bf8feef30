"""Removals wait for a backup, and are tried for longer than one may last."""

import pytest

from admin.backup.settings import LONGEST_HOURS
from libs.jobs import Task
from libs.jobs.task import nothing_more
from services.auth.privacy import tasks as erasing
from services.media.people import consumers as forgetting
from services.media.videos import cleaning


@pytest.mark.parametrize(
    "attempts", [cleaning.ATTEMPTS, erasing.ATTEMPTS, forgetting.ATTEMPTS], ids=["videos", "accounts", "people"]
)
def test_a_job_that_removes_is_not_given_up_while_a_backup_holds_it(attempts: int) -> None:
    task = Task(lambda lease: nothing_more(lease, None), attempts=attempts)

    waited = sum(task.pause(failures) for failures in range(1, attempts))

    assert waited > LONGEST_HOURS * 3600
