"""The 0.2 contract: utils."""

import pytest

from aiomongodel import Document, utils

PATH = 'aiomongodel.document.Document'

# "Default collection name: the class name in snake case: …"; seed: "snake_case(camel_case)"


@pytest.mark.parametrize(
    ('camel_case', 'snake_case'),
    [
        ('EmbDocDBLoader', 'emb_doc_db_loader'),
        ('GPS', 'gps'),
        ('Emb100Doc', 'emb100_doc'),
        ('EmbDocGPS100Loader', 'emb_doc_gps100_loader'),
        ('User', 'user'),
    ],
)
def test_camel_case_becomes_snake_case(camel_case, snake_case):
    assert utils.snake_case(camel_case=camel_case) == snake_case


# "`utils.import_class` caches successes in `utils.CLASSES_CACHE`"


def test_import_class_gives_the_class_and_keeps_it():
    utils.CLASSES_CACHE.pop(PATH, None)

    assert utils.import_class(absolute_import_path=PATH) is Document
    assert utils.CLASSES_CACHE[PATH] is Document


def test_import_class_gives_what_it_has_kept(monkeypatch):
    class Kept:
        pass

    monkeypatch.setitem(utils.CLASSES_CACHE, PATH, Kept)

    assert utils.import_class(PATH) is Kept


# "and raises ImportError with "Import path should be absolute string, not 'Xxx'" or "No class
# named 'aiomongodel.Wrong'"."


@pytest.mark.parametrize(
    ('path', 'message'),
    [
        ('Xxx', "Import path should be absolute string, not 'Xxx'"),
        ('aiomongodel.Wrong', "No class named 'aiomongodel.Wrong'"),
    ],
)
def test_import_class_says_what_it_cannot_import_and_keeps_nothing(path, message):
    with pytest.raises(ImportError) as caught:
        utils.import_class(path)

    assert str(caught.value) == message
    assert path not in utils.CLASSES_CACHE


def test_import_class_of_a_module_that_is_not_there_is_an_import_error():
    with pytest.raises(ImportError):
        utils.import_class('no_such_module.Thing')
