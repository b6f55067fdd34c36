"""Executors keep the order, bound what they hold, and outlive their workers."""

from __future__ import annotations

import sys

import pytest
from tests.engines.executor import errands

from commonweal.engines import executor
from commonweal.engines.executor import ExecutorMissing, WorkFailed, open_executor
from commonweal.engines.executor.cluster import Ray
from commonweal.engines.executor.local import _sendable


@pytest.fixture(params=["inline", "local"])
def crew(request):
    return executor.Inline() if request.param == "inline" else executor.Local(2)


def test_outcomes_come_in_the_order_of_the_items(crew):
    assert list(crew.map(errands.doubling, range(23))) == list(range(0, 46, 2))


def test_nothing_to_do_is_done(crew):
    assert list(crew.map(errands.doubling, [])) == []


def test_a_total_is_folded_in_order(crew):
    def append(total, outcome):
        return [*total, outcome]

    assert executor.reduced(crew, errands.same, "ledger", append, []) == list("ledger")


def test_what_the_work_raises_is_raised_for_the_first_item_in_order(crew):
    found = []
    with pytest.raises(ValueError, match="row 5"):
        found.extend(crew.map(errands.partial(errands.failing, 5), range(9)))
    assert found in ([], [0, 1, 2, 3, 4])


def test_what_the_setup_raises_is_raised(crew):
    with pytest.raises(RuntimeError, match="no compiler here"):
        list(crew.map(errands.no_setup, [1]))


def test_processor_time_is_counted_in_the_workers(crew):
    list(crew.map(errands.busy, [300_000] * 3))

    assert 0.01 < crew.cpu_seconds < 20


def test_few_items_are_taken_before_the_outcomes_are_fetched():
    taken = []

    def items():
        for number in range(50):
            taken.append(number)
            yield number

    outcomes = executor.Local(2, ahead=2).map(errands.doubling, items())
    for _ in range(4):
        next(outcomes)
    assert len(taken) <= 4 + 2 * 2 + 1
    outcomes.close()


def test_an_item_whose_worker_was_killed_is_run_again(tmp_path):
    setup = errands.partial(errands.dying, str(tmp_path), 3, 1)

    assert list(executor.Local(2).map(setup, range(6))) == list(range(6))
    assert len(list(tmp_path.glob("3-*"))) == 2


def test_an_item_that_kills_every_worker_is_given_up_and_named(tmp_path):
    setup = errands.partial(errands.dying, str(tmp_path), 1, 9)

    with pytest.raises(executor.WorkerLost, match=r"Item 1: 3 workers died over it.*\(signal 9\)"):
        list(executor.Local(1).map(setup, range(3)))


def test_an_error_that_cannot_be_sent_is_told_in_words():
    with pytest.raises(executor.WorkFailed, match=r"Item 0: .*Odd: 7 and 7"):
        list(executor.Local(1).map(errands.raising_odd, [7]))


def test_arrow_batches_travel_without_what_a_slice_leaves_out():
    pa = pytest.importorskip("pyarrow", reason="needs the extra bulk")
    whole = pa.RecordBatch.from_pydict({"n": list(range(100_000))})
    slices = [whole.slice(at, 10) for at in (0, 50, 99_990)]

    sums = list(executor.Local(2).map(errands.batch_sum, slices))
    sent = [executor.protocol.packed(one) for one in slices]

    assert sums == [45, 545, 999_945]
    assert all(len(one.data) < 1000 for one in sent)


def test_tables_and_empty_batches_come_back_as_they_were():
    pa = pytest.importorskip("pyarrow", reason="needs the extra bulk")
    batch = pa.RecordBatch.from_pydict({"n": [1, 2]})
    empty = batch.slice(0, 0)
    table = pa.Table.from_batches([batch, batch])

    back = list(executor.Local(1).map(errands.same, [batch, empty, table, pa.int8()]))

    assert back == [batch, empty, table, pa.int8()]
    assert isinstance(back[1], pa.RecordBatch)
    assert isinstance(back[2], pa.Table)


def test_an_executor_is_opened_by_name():
    assert isinstance(executor.open_executor("local", workers=1), executor.Inline)
    with executor.opened("local", workers=3) as crew:
        assert isinstance(crew, executor.Local)
        assert crew.workers == 3
    with pytest.raises(executor.ExecutorMissing, match="There is no executor 'dask'; there are: local, ray"):
        executor.open_executor("dask")


def test_ray_says_how_to_get_it_where_it_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(executor.ExecutorMissing, match=r"pip install 'commonweal\[cluster\]'"):
        Ray()


def test_an_executor_that_is_not_known_is_refused():
    with pytest.raises(ExecutorMissing, match="There is no executor 'spark'; there are: local, ray"):
        open_executor("spark")


def test_an_error_that_can_be_sent_is_sent_and_another_is_told_in_words():
    plain = _sendable(3, ValueError("row 4"))
    odd = _sendable(3, errands.Odd("one", "other"))

    assert (type(plain), str(plain)) == (ValueError, "row 4")
    assert isinstance(odd, WorkFailed)
    assert (odd.number, odd.text) == (3, "tests.engines.executor.errands.Odd: one and other")
