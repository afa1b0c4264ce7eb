"""Jobs: their progress is told, their end is told, and a process that died is found out."""

from datetime import timedelta

import pytest

from barograph.collect import jobs
from barograph.collect.models import Job
from barograph.errors import BadInput


def test_progress_is_written_and_the_end(real):
    with jobs.running("send", real, 3) as job:
        row = Job.objects.get()
        assert (row.state, row.done, row.total, row.wave) == ("running", 0, 3, real)
        job.advance(2, "two")
        row.refresh_from_db()
        assert (row.done, row.message) == (2, "two")
        job.advance()
        row.refresh_from_db()
        assert row.done == 2  # within the second
    row.refresh_from_db()
    assert (row.state, row.done, row.ended is not None) == ("done", 3, True)


def test_an_error_ends_it_and_goes_on(real):
    with pytest.raises(BadInput), jobs.running("freeze", real):
        raise BadInput("no answers")
    with pytest.raises(ZeroDivisionError), jobs.running("freeze", real):
        1 / 0  # noqa: B018
    known, unknown = Job.objects.order_by("pk")
    assert (known.state, known.message) == ("failed", "no answers")
    assert (unknown.state, unknown.message) == ("failed", "ZeroDivisionError")


def test_a_job_that_says_nothing_is_abandoned(real):
    with jobs.running("send", real) as job:
        Job.objects.update(heartbeat=job.row.heartbeat - jobs.SILENT - timedelta(seconds=1))
        assert jobs.silent(Job.objects.get())
        jobs.sweep()
        assert Job.objects.get().state == "abandoned"
        job.advance(1, "still here")
        assert Job.objects.get().state == "running"
    assert Job.objects.get().state == "done"


def test_which_are_shown(real):
    for kind, wave in (("send", real), ("backup", None)):
        with jobs.running(kind, wave):
            pass
    assert [job.kind for job in jobs.shown(real)] == ["backup", "send"]
    Job.objects.filter(kind="send").update(ended="2020-01-01T00:00Z")
    assert [job.kind for job in jobs.shown(real)] == ["backup"]
