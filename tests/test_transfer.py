"""The money transfer of the examples meets a real conflict, and survives it, on each driver."""

import pytest
from pymongo.database import Database

from examples import transfer
from tests.drivers import settled

WRITE_CONFLICT = 112

PRINTED = f"""\
ann has 100, and tries to pay
cyd has paid 5 to ann
refused with code {WRITE_CONFLICT}
ann has 105, and tries to pay
ann has paid 30 to bob
ann has 75
bob has 130
cyd has 95
"""


async def run_example(db):
    main = transfer.sync_main if isinstance(db, Database) else transfer.main
    await settled(main(db))


async def test_the_transfer_is_tried_again_after_a_write_conflict(any_db, capsys):
    await run_example(any_db)
    assert capsys.readouterr().out == PRINTED


async def test_both_transfers_are_stored_once(any_db, sync_db):
    await run_example(any_db)
    balances = {account['_id']: account['balance'] for account in sync_db['accounts'].find()}
    assert balances == {'ann': 75, 'bob': 130, 'cyd': 95}


@pytest.fixture
def name(database_name, clients, monkeypatch):
    name = f'{database_name}_transfer'
    monkeypatch.setattr(transfer, 'NAME', name)
    yield name
    clients['pymongo'].drop_database(name)


@pytest.mark.parametrize(
    'run', [transfer.with_pymongo_async, transfer.with_motor, transfer.with_pymongo]
)
async def test_each_way_to_run_it_leaves_nothing(
    run, name, mongodb_uri, clients, monkeypatch, capsys
):
    monkeypatch.setattr(transfer, 'URI', mongodb_uri)
    await settled(run())
    assert name not in clients['pymongo'].list_database_names()
    assert capsys.readouterr().out == PRINTED
