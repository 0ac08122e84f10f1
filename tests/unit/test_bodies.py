"""What is told of a body that is no body: never the name of a class."""

from __future__ import annotations

import pytest

import oms.api.app  # noqa: F401 - whose routes bring all bodies
from oms.api.bodies import Body, parsed
from oms.api.events import EventWanted
from oms.errors import InvalidInput


def test_an_item_without_its_object_is_told_how_it_is_written() -> None:
    with pytest.raises(InvalidInput) as caught:
        parsed(EventWanted, {"event": "ship", "items": ["2"]})
    assert [(each.where, each.sentence) for each in caught.value.problems] == [("/items/0", 'must be an object, as in {"id": "2", "quantity": 1}.')]


@pytest.mark.parametrize("model", Body.__subclasses__(), ids=lambda model: model.__name__)
@pytest.mark.parametrize("wrong", ["x", 7, ["x"], [["x"]], {"x": "x"}])
def test_no_class_is_named(model: type[Body], wrong: object) -> None:
    names = {each.__name__ for each in Body.__subclasses__()} - {"Body"}
    for document in (wrong, dict.fromkeys(model.model_fields, wrong)):
        try:
            parsed(model, document)
        except InvalidInput as error:
            said = [each.sentence for each in error.problems]
            assert [sentence for sentence in said if any(f" {name}" in sentence for name in names) or "instance of" in sentence] == []
