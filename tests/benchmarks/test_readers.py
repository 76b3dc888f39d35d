"""The readers touch each value, as the measured rows say."""

import pytest

from benchmarks import readers
from benchmarks.documents import ADDRESS, CUSTOMER, LINE, flat, order
from benchmarks.systems.ours import Ours
from benchmarks.systems.raw import Raw


class Noting(dict):
    """A dict that notes which of its keys are read."""

    def __init__(self, data, noted):
        super().__init__(data)
        self.noted = noted

    def __getitem__(self, key):
        self.noted.append(key)
        return super().__getitem__(key)

    def get(self, key):
        self.noted.append(key)
        return super().get(key)


def noting(value, noted):
    if isinstance(value, dict):
        return Noting({key: noting(item, noted) for key, item in value.items()}, noted)
    return [noting(item, noted) for item in value] if isinstance(value, list) else value


def names(shape):
    return [spec.name for spec in shape.fields]


def test_a_flat_document_is_read_whole():
    case, noted = flat(), []
    readers.whole_reader(Raw(case.shape))(noting(case.stored, noted))
    assert noted == names(case.shape)


def test_a_nested_document_is_read_whole():
    case, noted = order(), []
    readers.whole_reader(Raw(case.shape))(noting(case.stored, noted))
    assert sorted(noted) == sorted(
        names(case.shape) + names(CUSTOMER) + names(ADDRESS) + names(LINE) * 20
    )


@pytest.mark.parametrize('side', [Raw, Ours])
def test_paths_are_read_alike(side):
    case = order()
    document = case.stored if side is Raw else side(case.shape).model.from_mongo(case.stored)
    found = readers.path_reader(side(case.shape), [('customer', 'name'), ('lines', 19, 'title')])
    assert found(document) == ('Ann', 'Product 20')


def test_a_getter_reads_as_often_as_it_says():
    case, noted = flat(), []
    readers.getter(Raw(case.shape), ['name', 'age'])(noting(case.stored, noted))
    assert noted == ['name', 'age'] * (readers.UNROLLED // 2)


def test_a_setter_sets():
    case = flat()
    data = dict(case.stored)
    readers.setter(Raw(case.shape), 'name')(data, 'Ann')
    assert data == {**case.stored, 'name': 'Ann'}
