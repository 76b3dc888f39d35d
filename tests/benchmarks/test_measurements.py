"""The measurements run, and give what the report needs; the numbers are not looked at."""

import gc
import sys

import pytest

from benchmarks import floors, growth, imports, memory, one_system, rows, server, worker
from benchmarks.documents import flat, order
from benchmarks.measure import Effort
from benchmarks.systems import OURS
from benchmarks.systems.ours import Ours

SHORT = Effort(repeats=2, batch=0, sizes=2)


def test_a_system_has_all_its_rows():
    found = one_system.run(SHORT, OURS)
    assert [row['row'] for row in found['rows'] if row['case'] == 'flat'] == list(rows.ROWS)
    assert {row['case'] for row in found['rows']} == {'flat', 'nested', 'wide', 'list of 1,000'}
    assert {'aiomongodel', 'pymongo'} <= found['versions'].keys()
    assert all(each['bytes'] > 0 for each in found['memory'])


def test_growth_has_a_point_per_size():
    found = growth.run(SHORT)
    sizes = {(each['curve'], each['size']) for each in found}
    assert sizes == {
        *(('documents', size) for size in growth.DOCUMENTS[:2]),
        *(('fields', size) for size in growth.FIELDS[:2]),
        *(('nesting', size) for size in growth.NESTING[:2]),
    }


def test_garbage_collection_is_on_after_what_is_measured_without():
    growth.run(SHORT)
    assert gc.isenabled()


def test_floors_are_measured_beside_ours():
    found = floors.run(SHORT)
    names = [(each['case'], each['row']) for each in found]
    assert ('flat', rows.LOAD) in names
    assert ('nested', rows.DUMP) in names
    assert all(each['floor']['median'] > 0 < each['ours']['median'] for each in found)


def test_memory_is_that_of_a_document():
    assert memory.bytes_of(lambda: bytearray(10_000), 100) == pytest.approx(10_000, rel=0.1)


def test_read_documents_are_kept():
    loaded, read = memory.memories(Ours, order(), 20)
    assert read.bytes > loaded.bytes > loaded.raw_bytes / 2


def test_an_import_takes_time():
    found = {each.name: each.seconds for each in imports.imports(1)}
    assert found.keys() == imports.STATEMENTS.keys() - {'nothing'}
    assert found['aiomongodel'] > 0


@pytest.mark.parametrize('driver', server.DRIVERS, ids=lambda driver: driver.name)
async def test_calls_through_a_server_are_checked_and_measured(mongodb_uri, monkeypatch, driver):
    monkeypatch.setattr(server, 'STORED', 1000)
    found = await server.with_driver(driver, mongodb_uri, flat(), SHORT)
    assert [each.operation for each in found] == [
        'the floor of to_list(1000)',
        'to_list(1000)',
        'to_list(1000)',
        'async for, 1000',
        'get',
        'save',
        'insert_many(1000)',
    ]


def test_a_worker_gives_its_result():
    found = worker.start(sys.executable, 'imports', quick=True)
    assert found[0]['name'] == 'pymongo'


def test_a_worker_that_fails_says_why():
    with pytest.raises(worker.WorkerError, match='KeyError'):
        worker.start(sys.executable, 'one_system', 'no such system', quick=True)


def test_a_process_caches_bytecode_where_this_one_does(monkeypatch):
    monkeypatch.setattr(sys, 'pycache_prefix', None)
    assert worker.isolated('python') == ['python', '-I']
    monkeypatch.setattr(sys, 'pycache_prefix', '/elsewhere')
    assert worker.isolated('python') == ['python', '-I', '-X', 'pycache_prefix=/elsewhere']
