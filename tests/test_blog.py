"""The demo does each of its steps."""

import pytest

from examples import blog

PRINTED = [
    "created ['newest_first', 'one_title']",
    "{'views': {'$gt': 10}, 'user': 'Ann'}",
    "{'_id': 'Ihor', 'is_active': False, 'posts': []}",
    'saved 4 posts of Ann',
    'Ann True [] Explicit is better than implicit.',
    'Post 3 30 Comment on 3\nPost 2 20 Comment on 2',
    'Post 4 None True\nPost 3 None True',
    'Post 1 12\nrated 4 posts',
    'refused by the index one_title',
    "'body': 'Pflichtfeld', 'views': 'falscher Typ'",
    'committed: 3 active users',
    'within: 0 users\nrolled back: 3 users',
    'deleted 1 user\ndeleted 4 posts',
]


@pytest.fixture
async def printed(mongodb_uri, monkeypatch, capsys):
    monkeypatch.setenv('MONGODB_URI', mongodb_uri)
    await blog.main()
    return capsys.readouterr().out


async def test_each_step_of_the_demo_prints_what_it_did(printed):
    assert len(PRINTED) == len(blog.STEPS)
    assert [line for line in PRINTED if line not in printed] == []
