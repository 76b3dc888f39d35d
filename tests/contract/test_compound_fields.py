"""The 0.2 contract: fields inside fields, and the classes that they hold."""

import pytest

from aiomongodel import Document, EmbeddedDocument
from aiomongodel.fields import EmbDocField, IntField, ListField, RefField, StrField

from . import models
from .helpers import model_of
from .models import Comment, Post, Reply, User

PATH = models.__name__

# "`Post.comments.body.s == 'comments.body'`, any depth, through `ListField(EmbDocField)`,
# `EmbDocField` and `RefField`, with mongo names"


class Box(EmbeddedDocument):
    name = StrField(mongo_name='n')
    reply = EmbDocField(Reply, mongo_name='rep')
    post = RefField(Post, mongo_name='p')


class Shelf(Document):
    boxes = ListField(EmbDocField(Box), mongo_name='b')
    box = EmbDocField(Box)


@pytest.mark.parametrize(
    ('nested', 'path'),
    [
        (lambda: Post.comments.body, 'comments.body'),
        (lambda: Post.comments._id, 'comments._id'),
        (lambda: Post.author._id, 'user._id'),
        (lambda: Post.author.is_active, 'user.is_active'),
        (lambda: Post.comments.author.quote, 'comments.author.quote'),
        (lambda: Shelf.box.reply.text, 'box.rep.t'),
        (lambda: Shelf.boxes.reply.replies.replies.text, 'b.rep.r.r.t'),
        (lambda: Shelf.boxes.post.author.quote, 'b.p.user.quote'),
        (lambda: Shelf.boxes.post.comments.author.is_active, 'b.p.comments.author.is_active'),
        (lambda: Reply.replies, 'r'),
    ],
)
def test_a_nested_field_gives_its_path_under_mongo_names(nested, path):
    assert nested().s == path


def test_a_nested_field_leaves_the_field_itself_as_it_was():
    assert Post.comments.body.s == 'comments.body'
    assert (Comment.body.s, Post.comments.s) == ('body', 'comments')


WORDS = ['owner', 'label', 'kind', 'value', 'title', 'text', 'parent', 'path', 'key', 'tag']


@pytest.mark.parametrize('word', WORDS)
@pytest.mark.parametrize('kind', [EmbDocField, lambda cls: ListField(EmbDocField(cls))])
def test_a_nested_field_is_not_hidden_by_an_undocumented_attribute_of_fields(kind, word):
    class Part(EmbeddedDocument):
        vars().update({word: StrField() for word in WORDS})

    class Whole(EmbeddedDocument):
        part = kind(Part)

    assert getattr(Whole.part, word).s == f'part.{word}'


# Decided: "`Post.author[User.name]` gives the nested field too (for names that collide …)"


@pytest.mark.parametrize(
    ('nested', 'path'),
    [
        (lambda: Post.author[User.name], 'user._id'),
        (lambda: Post.comments[Comment.body], 'comments.body'),
        (lambda: Shelf.box[Box.name], 'box.n'),
        (lambda: Shelf.boxes[Box.reply][Reply.text], 'b.rep.t'),
        (lambda: Shelf.boxes.reply[Reply.replies].text, 'b.rep.r.t'),
    ],
)
def test_a_field_in_brackets_gives_the_nested_field(nested, path):
    assert nested().s == path


# "a wrong name at any depth is AttributeError"


@pytest.mark.parametrize(
    'nested',
    [
        lambda: Post.wrong,
        lambda: Post.title.wrong,
        lambda: Post.comments.wrong,
        lambda: Post.author.wrong,
        lambda: Post.comments.author.wrong,
        lambda: Post.comments.body.wrong,
        lambda: Shelf.boxes.reply.replies.wrong,
        lambda: Shelf.boxes.reply.r,
        lambda: User.posts.title,
    ],
)
def test_a_wrong_name_at_any_depth_is_an_attribute_error(nested):
    with pytest.raises(AttributeError):
        nested()


# "`document_class` of a compound field: the class, or imported from its absolute path at first
# use". Decided: or what a callable gives.


@pytest.mark.parametrize('given', [Comment, f'{PATH}.Comment', lambda: Comment])
def test_the_document_class_of_an_embedded_document_field(given):
    assert EmbDocField(given).document_class is Comment
    assert ListField(EmbDocField(given)).document_class is Comment
    assert EmbDocField(document_class=given).document_class is Comment


@pytest.mark.parametrize('given', [User, f'{PATH}.User', lambda: User])
def test_the_document_class_of_a_reference(given):
    assert RefField(given).document_class is User
    assert RefField(document_class=given).document_class is User


def test_a_document_class_given_by_path_is_used_to_convert():
    value = model_of(ListField(EmbDocField(f'{PATH}.Comment')))(value=[{'body': 'x'}]).value

    assert type(value[0]) is Comment


# "`ListField(RefField(..)).document_class` and of a scalar list are None"


@pytest.mark.parametrize('item_field', [RefField(User), IntField(), StrField()])
def test_a_list_of_references_or_scalars_has_no_document_class(item_field):
    assert ListField(item_field).document_class is None


# "an unimportable path is ImportError, a class of the wrong kind TypeError (at once where given
# as a class)"


@pytest.mark.parametrize('kind', [EmbDocField, RefField, lambda path: ListField(EmbDocField(path))])
@pytest.mark.parametrize('path', ['no_such_module.Thing', f'{PATH}.Wrong', 'Comment'])
def test_a_path_that_cannot_be_imported_is_an_import_error_at_first_use(kind, path):
    field = kind(path)

    with pytest.raises(ImportError):
        _ = field.document_class


@pytest.mark.parametrize(
    ('kind', 'given'),
    [
        *((EmbDocField, given) for given in (User, models.NotADocument, int)),
        *((RefField, given) for given in (Comment, models.NotADocument, int)),
    ],
)
def test_a_class_of_the_wrong_kind_is_a_type_error_at_once(kind, given):
    with pytest.raises(TypeError):
        kind(given)


@pytest.mark.parametrize(
    ('kind', 'path'),
    [
        *((EmbDocField, name) for name in ('User', 'NotADocument')),
        *((RefField, name) for name in ('Comment', 'NotADocument')),
    ],
)
def test_a_class_of_the_wrong_kind_given_by_path_is_a_type_error_at_first_use(kind, path):
    field = kind(f'{PATH}.{path}')

    with pytest.raises(TypeError):
        _ = field.document_class


# "`ListField(int)` is TypeError." Seed: "if item_field is not instance of the Field subclass"


@pytest.mark.parametrize('item_field', [int, StrField, 'x', None, Comment])
def test_a_list_of_what_is_no_field_is_a_type_error(item_field):
    with pytest.raises(TypeError):
        ListField(item_field)
