"""The newest request wins. No clocks here: what must wait, waits for an event."""

import asyncio
import threading

import pytest

from xai_widgets.runtime.worker import Cancelled, Worker, synchronous

PATIENCE = 30  # seconds, only so that a broken worker fails instead of hanging


class Record:
    """A painter that writes down what it hears, and in which thread."""

    def __init__(self):
        self.heard, self.threads = [], set()
        self.errors = []
        self.numbered = []  # every report with its number

    def note(self, *words):
        self.heard.append(words)
        self.threads.add(threading.current_thread())

    def requested(self, number):
        self.numbered.append(("requested", number))

    def answered(self, number):
        self.numbered.append(("answered", number))

    def started(self, number):
        self.numbered.append(("started", number))
        self.note("started")

    def progressed(self, number, done, total):
        self.numbered.append(("progressed", number))
        self.note("progressed", done, total)

    def finished(self, number):
        self.numbered.append(("finished", number))
        self.note("finished")

    def stopped(self, number):
        self.numbered.append(("stopped", number))
        self.note("stopped")

    def failed(self, number, error):
        self.numbered.append(("failed", number))
        self.errors.append(error)
        self.note("failed", str(error))


class Held:
    """A request that waits, in its thread, until it is let go."""

    def __init__(self):
        self.running, self.go, self.outcome = threading.Event(), threading.Event(), None

    def __call__(self, job):
        self.running.set()
        assert self.go.wait(PATIENCE)
        try:
            job.check()
        except Cancelled:
            self.outcome = "cancelled"
            raise
        self.outcome = "finished"


@pytest.fixture
def record():
    return Record()


@pytest.fixture
def worker(record):
    one = Worker(record, inline=False)
    yield one
    one.close()


def test_one_request(worker, record):
    painted = []
    worker.submit(lambda job: job.show(lambda: painted.append(job.number)))
    assert worker.wait(PATIENCE)
    assert painted == [1]
    assert record.heard == [("started",), ("finished",)]


def test_of_fifteen_quick_requests_the_running_one_and_the_newest_begin(worker, record):
    held, begun, finished = Held(), [], []
    worker.submit(held)
    assert held.running.wait(PATIENCE)

    def request(number):
        def compute(job):
            begun.append(number)
            job.show(lambda: finished.append(number))

        return compute

    for number in range(1, 15):
        worker.submit(request(number))
    held.go.set()
    assert worker.wait(PATIENCE)
    assert held.outcome == "cancelled"
    assert begun == finished == [14]
    assert record.heard[-2:] == [("started",), ("finished",)]
    assert record.heard.count(("finished",)) == 1
    assert not record.errors


def test_progress_stops_what_is_out_of_date(worker, record):
    held, steps = Held(), []

    def overtaken(job):
        job.progress(1, 9)
        held.running.set()
        assert held.go.wait(PATIENCE)
        steps.append("before")
        job.progress(2, 9)
        steps.append("after")

    worker.submit(overtaken)
    assert held.running.wait(PATIENCE)
    worker.submit(lambda job: job.progress(1, 1))
    held.go.set()
    assert worker.wait(PATIENCE)
    assert steps == ["before"]
    assert ("progressed", 1, 9) in record.heard
    assert ("progressed", 2, 9) not in record.heard
    assert record.heard[-2:] == [("progressed", 1, 1), ("finished",)]


def test_nothing_of_an_overtaken_request_is_shown(worker):
    held, painted, refused = Held(), [], []

    def overtaken(job):
        held.running.set()
        assert held.go.wait(PATIENCE)
        try:
            job.show(lambda: painted.append("old"))
        except Cancelled:
            refused.append(True)
            raise

    worker.submit(overtaken)
    assert held.running.wait(PATIENCE)
    worker.submit(lambda job: job.show(lambda: painted.append("new")))
    held.go.set()
    assert worker.wait(PATIENCE)
    assert painted == ["new"]
    assert refused == [True]


def test_cancel_stops_what_runs_and_forgets_what_waits(worker, record):
    held, begun = Held(), []
    worker.submit(held)
    assert held.running.wait(PATIENCE)
    worker.submit(begun.append)
    worker.cancel()
    assert record.heard[-1] == ("stopped",)
    held.go.set()
    assert worker.wait(PATIENCE)
    assert held.outcome == "cancelled"
    assert not begun
    worker.submit(begun.append)
    assert worker.wait(PATIENCE)
    assert len(begun) == 1


def test_errors_reach_the_painter_and_the_next_request_still_works(worker, record):
    def fail(job):
        raise ValueError("wrong shape")

    worker.submit(fail)
    assert worker.wait(PATIENCE)
    assert record.heard == [("started",), ("failed", "wrong shape")]
    assert record.errors[0].__traceback__ is not None
    worker.submit(lambda job: None)
    assert worker.wait(PATIENCE)
    assert record.heard[-1] == ("finished",)


def test_the_error_of_an_overtaken_request_is_not_shown(worker, record):
    held = Held()

    def fail(job):
        held.running.set()
        assert held.go.wait(PATIENCE)
        raise ValueError("nobody asked any more")

    worker.submit(fail)
    assert held.running.wait(PATIENCE)
    worker.submit(lambda job: None)
    held.go.set()
    assert worker.wait(PATIENCE)
    assert not record.errors


def test_waiting_has_an_end(worker):
    held = Held()
    worker.submit(held)
    assert held.running.wait(PATIENCE)
    assert worker.wait(timeout=0) is False
    held.go.set()
    assert worker.wait(PATIENCE) is True
    assert worker.wait() is True  # nothing left to wait for


def test_closing_stops_what_runs(record):
    worker, held = Worker(record, inline=False), Held()
    worker.submit(held)
    assert held.running.wait(PATIENCE)
    worker.close()
    held.go.set()
    assert worker.wait(PATIENCE)
    assert held.outcome == "cancelled"
    assert ("finished",) not in record.heard


def test_closing_waits_for_what_is_being_painted(record):
    worker = Worker(record, inline=False)
    begun, go, painted = threading.Event(), threading.Event(), []

    def paint():
        begun.set()
        assert go.wait(PATIENCE)
        painted.append(1)

    def request(job):
        job.show(paint)
        job.show(lambda: painted.append(2))

    worker.submit(request)
    assert begun.wait(PATIENCE)
    closing = threading.Thread(target=worker.close)
    closing.start()
    closing.join(0.2)
    assert closing.is_alive()
    go.set()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert 1 in painted
    before = list(painted)
    assert worker.wait(PATIENCE)
    assert painted == before


def test_what_is_painted_may_close_the_worker(record):
    worker = Worker(record, inline=False)
    worker.submit(lambda job: job.show(worker.close))
    assert worker.wait(PATIENCE)


def test_requests_run_one_at_a_time(worker):
    """However they are submitted: from many threads at once."""
    running, most, guard, start = [], [], threading.Lock(), threading.Barrier(8)

    def compute(job):
        with guard:
            running.append(job.number)
            most.append(len(running))
        with guard:
            running.remove(job.number)

    def submit():
        start.wait(PATIENCE)
        for _ in range(20):
            worker.submit(compute)

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert worker.wait(PATIENCE)
    assert max(most) == 1


# The kernel's event loop


def test_answers_come_on_the_event_loop():
    async def kernel():
        record, painted, done = Record(), [], asyncio.Event()
        worker = Worker(record, inline=False)
        record.finished = lambda _number: (record.note("finished"), done.set())
        computed = []

        def compute(job):
            computed.append(threading.current_thread())
            job.progress(1, 2)
            job.show(lambda: painted.append(threading.current_thread()))

        worker.submit(compute)
        await asyncio.wait_for(done.wait(), PATIENCE)
        worker.close()
        return record, painted, computed

    record, painted, computed = asyncio.run(kernel())
    here = threading.current_thread()
    assert record.threads == {here}
    assert painted == [here]
    assert computed[0] is not here
    assert computed[0].name.startswith("xai-lab")
    assert record.heard == [("started",), ("progressed", 1, 2), ("finished",)]


def test_errors_come_on_the_event_loop():
    async def kernel():
        record, done = Record(), asyncio.Event()
        worker = Worker(record, inline=False)
        record.failed = lambda _number, error: (record.note("failed", str(error)), done.set())

        def fail(job):
            raise KeyError("lost")

        worker.submit(fail)
        await asyncio.wait_for(done.wait(), PATIENCE)
        worker.close()
        return record

    record = asyncio.run(kernel())
    assert record.threads == {threading.current_thread()}
    assert record.heard[-1] == ("failed", "'lost'")


def test_what_waits_on_the_loop_is_dropped_when_a_newer_request_comes():
    """The computation ended, but the loop had no turn yet: the reader moved on, so the answer is not painted."""

    async def kernel():
        painted, done, computed = [], asyncio.Event(), threading.Event()
        worker = Worker(Record(), inline=False)
        worker.submit(lambda job: (job.show(lambda: painted.append("old")), computed.set()))
        assert computed.wait(PATIENCE)  # the loop is blocked here, on purpose
        worker.submit(lambda job: job.show(lambda: (painted.append("new"), done.set())))
        await asyncio.wait_for(done.wait(), PATIENCE)
        worker.close()
        return painted

    assert asyncio.run(kernel()) == ["new"]


def test_who_waits_in_the_loops_own_thread_finds_the_answers_painted():
    """A cell of a notebook that waits keeps the loop from its turn, and reads the answers in its next line."""

    async def kernel():
        record, painted = Record(), []
        worker = Worker(record, inline=False)
        worker.submit(lambda job: [job.show(lambda step=step: painted.append(step)) for step in range(3)])
        assert worker.wait(PATIENCE)
        found = list(painted), list(record.heard)
        await asyncio.sleep(0)  # nothing is painted twice
        worker.close()
        return *found, painted, record.threads

    at_once, heard, later, threads = asyncio.run(kernel())
    assert at_once == later == [0, 1, 2]
    assert heard == [("started",), ("finished",)]
    assert threads == {threading.current_thread()}


def test_a_loop_that_is_gone_is_not_waited_for():
    async def build():
        return Worker(Record(), inline=False)

    worker, painted = asyncio.run(build()), []
    worker.submit(lambda job: job.show(lambda: painted.append(1)))
    assert worker.wait(PATIENCE)
    worker.close()
    assert painted == [1]


# Inline


def test_inline_mode_computes_in_place_and_raises(record):
    worker, threads = Worker(record, inline=True), []
    worker.submit(lambda job: threads.append(threading.current_thread()))
    assert threads == [threading.current_thread()]

    def fail(job):
        job.progress(1, 2)
        raise ValueError("wrong shape")

    with pytest.raises(ValueError, match="wrong shape"):
        worker.submit(fail)
    assert record.heard == [
        ("started",),
        ("finished",),
        ("started",),
        ("progressed", 1, 2),
        ("failed", "wrong shape"),
    ]


def test_an_inline_request_may_be_overtaken_from_within(record):
    worker, painted = Worker(record, inline=True), []

    def outer(job):
        worker.submit(lambda inner: inner.show(lambda: painted.append("inner")))
        job.show(lambda: painted.append("outer"))

    worker.submit(outer)
    assert painted == ["inner"]
    assert record.heard.count(("finished",)) == 1


@pytest.mark.parametrize(("value", "expected"), [("", False), ("0", False), ("1", True), ("yes", True)])
def test_the_variable(monkeypatch, record, value, expected):
    monkeypatch.setenv("XAI_WIDGETS_SYNC", value)
    assert synchronous() is expected
    threads = []
    worker = Worker(record)
    worker.submit(lambda job: threads.append(threading.current_thread()))
    assert worker.wait(PATIENCE)
    worker.close()
    assert (threads == [threading.current_thread()]) is expected


def test_without_the_variable_labs_use_a_thread(monkeypatch):
    monkeypatch.delenv("XAI_WIDGETS_SYNC", raising=False)
    assert synchronous() is False


@pytest.mark.parametrize("inline", [True, False])
def test_a_closed_worker_says_so(record, inline):
    worker = Worker(record, inline=inline)
    worker.close()
    worker.close()
    with pytest.raises(RuntimeError, match="this lab was closed and computes nothing any more; make a new one"):
        worker.submit(lambda _job: None)
    worker.cancel()
    assert worker.wait(PATIENCE)
    assert ("started",) not in record.heard


# Exceptions that are no errors


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, asyncio.CancelledError, GeneratorExit])
def test_no_exception_leaves_a_request_unended(worker, record, kind):
    def interrupted(job):
        raise kind("stop")

    worker.submit(interrupted)
    assert worker.wait(PATIENCE)
    assert record.heard == [("started",), ("failed", "stop")]
    worker.submit(lambda job: None)
    assert worker.wait(PATIENCE)
    assert record.heard[-1] == ("finished",)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_inline_such_an_exception_is_reported_and_raised(record, kind):
    def interrupted(job):
        raise kind("stop")

    with pytest.raises(kind):
        Worker(record, inline=True).submit(interrupted)
    assert record.heard == [("started",), ("failed", "stop")]


class Cut(Record):
    """A painter whose first answer is cut off by an interrupt."""

    def finished(self, number):
        super().finished(number)
        if self.heard.count(("finished",)) == 1:
            raise KeyboardInterrupt


def test_what_an_interrupt_cuts_off_is_painted_again():
    """Where the cell waits, answers are painted in it: Ctrl-C there must not leave a lab busy."""
    record, interrupted = Cut(), []

    async def cell():
        worker = Worker(record, inline=False)
        worker.submit(lambda job: None)
        try:
            assert worker.wait(PATIENCE)
        except KeyboardInterrupt:
            interrupted.append(True)
        await asyncio.sleep(0)  # the loop's own turn
        worker.close()

    asyncio.run(cell())
    assert interrupted == [True]
    assert record.heard == [("started",), ("finished",), ("finished",)]


# Numbers: what belongs to which request


def test_each_report_has_the_number_of_its_request(worker, record):
    for _ in range(2):
        worker.submit(lambda job: (job.progress(1, 2), job.show(lambda: None), job.show(lambda: None)))
        assert worker.wait(PATIENCE)
    one = ["requested", "started", "progressed", "answered", "answered", "finished"]
    assert record.numbered == [(what, number) for number in (1, 2) for what in one]


def test_a_request_is_announced_before_the_one_before_has_ended(worker, record):
    held = Held()
    worker.submit(held)
    assert held.running.wait(PATIENCE)
    worker.submit(lambda job: None)
    assert record.numbered == [("requested", 1), ("started", 1), ("requested", 2)]
    held.go.set()
    assert worker.wait(PATIENCE)
    assert record.numbered[3:] == [("started", 2), ("finished", 2)]


def test_a_stop_names_the_request_that_it_ends_and_a_second_one_nothing(worker, record):
    worker.cancel()  # nothing runs
    assert record.numbered == []
    held = Held()
    worker.submit(held)
    assert held.running.wait(PATIENCE)
    worker.cancel()
    worker.cancel()
    held.go.set()
    assert worker.wait(PATIENCE)
    assert record.numbered == [("requested", 1), ("started", 1), ("stopped", 1)]
    worker.submit(lambda job: None)
    assert worker.wait(PATIENCE)
    assert [what for what, _ in record.numbered[3:]] == ["requested", "started", "finished"]


def test_a_stop_paints_what_was_computed_before_it():
    """The loop had no turn since: what was reached is shown, and the end says no more than that."""

    async def kernel():
        record, painted, reached, go = Record(), [], threading.Event(), threading.Event()
        worker = Worker(record, inline=False)

        def compute(job):
            for step in (1, 2, 3):
                job.progress(step, 9)
                job.show(lambda step=step: painted.append(step))
            reached.set()
            assert go.wait(PATIENCE)
            job.show(lambda: painted.append(9))

        worker.submit(compute)
        assert reached.wait(PATIENCE)
        worker.cancel()
        go.set()
        assert worker.wait(PATIENCE)
        await asyncio.sleep(0)
        worker.close()
        return painted, record.heard

    painted, heard = asyncio.run(kernel())
    assert painted == [1, 2, 3]
    assert heard[-2:] == [("progressed", 3, 9), ("stopped",)]


def test_a_stop_after_the_last_step_finds_the_request_finished():
    async def kernel():
        record, computed = Record(), threading.Event()
        worker = Worker(record, inline=False)
        worker.submit(lambda job: None)
        worker._executor.submit(computed.set)  # one thread: after the request
        assert computed.wait(PATIENCE)
        worker.cancel()
        await asyncio.sleep(0)
        worker.close()
        return record.heard

    assert asyncio.run(kernel()) == [("started",), ("finished",)]


def test_what_cannot_be_painted_ends_the_request_with_its_error():
    """A picture that is missing from an answer would go unnoticed."""

    async def kernel():
        record, painted, failed = Record(), [], asyncio.Event()
        worker = Worker(record, inline=False)
        heard = record.failed
        record.failed = lambda number, error: (heard(number, error), failed.set())

        def torn():
            raise IndexError("no such frame")

        worker.submit(lambda job: (job.show(torn), job.show(lambda: painted.append("later"))))
        await asyncio.wait_for(failed.wait(), PATIENCE)
        await asyncio.sleep(0)
        assert worker.wait(PATIENCE)
        before = list(record.heard)
        worker.submit(lambda job: job.show(lambda: painted.append("next")))
        assert worker.wait(PATIENCE)
        worker.close()
        return painted, before, record.heard[-1]

    painted, before, last = asyncio.run(kernel())
    assert painted == ["next"]
    assert before == [("started",), ("failed", "no such frame")]
    assert last == ("finished",)
