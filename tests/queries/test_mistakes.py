"""A query in the place of an update, an update or a field in that of a query."""

import pytest

from aiomongodel import BoolField, Document, QueryError, StrField
from tests.drivers import settled


class User(Document):
    name = StrField()
    is_active = BoolField()


@pytest.mark.parametrize('method', ['update_one', 'update_many', 'find_one_and_update', 'upsert'])
async def test_a_query_is_refused_for_an_update(any_db, method):
    with pytest.raises(QueryError, match="'Ann'} is a query on User, where an update is to be"):
        await settled(getattr(User.q(any_db), method)({}, User.name == 'Ann'))


@pytest.mark.parametrize('method', ['find_one', 'first', 'exists', 'count_documents'])
async def test_an_update_is_refused_for_a_query(any_db, method):
    with pytest.raises(QueryError, match='is an update of User, where a query is to be given'):
        await settled(getattr(User.q(any_db), method)(User.name.set('Ann')))


@pytest.mark.parametrize('method', ['find_one', 'first', 'exists', 'count_documents', 'find'])
async def test_a_field_is_refused_for_a_query(any_db, method):
    with pytest.raises(TypeError, match=r'a query on User must be a dict, not <BoolField User.is_'):
        await settled(getattr(User.q(any_db), method)(User.is_active))
