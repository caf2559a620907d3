"""What a load does where typing, or a module that annotations name, is older or missing."""

import operator
import pickle
import typing

import pytest
import sourcepickle
from sourcepickle.rebuild.type_parameters import type_parameter
from sourcepickle.rebuild.typing_constructs import applied, is_available, reference


def test_a_reference_to_what_is_there_is_it():
    assert reference("typing", "Any") is typing.Any
    assert reference("collections", "OrderedDict.fromkeys") is not None
    assert is_available(reference("typing", "Any"))


def test_what_is_missing_raises_only_when_it_is_used():
    missing = reference("no_such_module", "Thing")
    assert not is_available(missing)
    assert str(missing) == "no_such_module.Thing"
    for use in (
        lambda: missing(),
        lambda: missing[int],
        lambda: missing.attribute,
        lambda: setattr(missing, "attribute", 1),
    ):
        with pytest.raises(sourcepickle.SourceVersionError, match=r"needs no_such_module\.Thing"):
            use()


def test_constructs_over_what_is_missing_are_missing_and_have_a_text():
    missing = reference("no_such_module", "Thing")
    made = applied(operator.getitem, (typing.Optional, missing))
    assert not is_available(made)
    assert str(made) == "typing.Optional[no_such_module.Thing]"
    assert str(applied(operator.getitem, (dict, (str, made)))) == (
        "dict[str, typing.Optional[no_such_module.Thing]]"
    )
    # Its module may be there where it is sent to.
    assert str(pickle.loads(sourcepickle.dumps(made, by_source=True))) == str(made)


def test_a_construct_that_this_version_refuses_is_missing():
    assert not is_available(applied(operator.getitem, (int, str)))


def test_a_kind_of_type_parameter_that_this_version_lacks():
    options = {"bound": None}
    lacking = type_parameter("an id of no other", "OtherKind", "O", "m", options, False)
    assert str(lacking) == "O"
    with pytest.raises(sourcepickle.SourceVersionError, match=r"O, a typing\.OtherKind, needs"):
        type_parameter("an id of no other", "OtherKind", "O", "m", options, True)


def test_annotations_that_name_a_missing_module_become_their_source(run_python, tmp_path):
    (tmp_path / "only_here.py").write_text("class Thing:\n    pass\n")
    writer = """
        import sys, typing
        import only_here as oh
        import sourcepickle

        def f(x: "str", y: oh.Thing, *, z: typing.Optional[oh.Thing] = None) -> int:
            return 1

        class C:
            a: int
            b: typing.List[oh.Thing]

            def method(self, x: oh.Thing, n: int = 2):
                return n

        with open(sys.argv[1], "wb") as file:
            sourcepickle.dump((f, C, C()), file, by_source=True)
    """
    reader = """
        import pickle, sys, os
        os.remove("only_here.py")
        sys.modules["only_here"] = None
        with open(sys.argv[1], "rb") as file:
            f, C, instance = pickle.load(file)
        print(f.__annotations__ == {
            "x": "str", "y": "oh.Thing", "z": "typing.Optional[oh.Thing]", "return": int
        })
        print(C.__annotations__ == {"a": int, "b": "typing.List[only_here.Thing]"})
        print(C.method.__annotations__ == {"x": "oh.Thing", "n": int})
        print(f(1, 2), instance.method(1))
    """
    path = tmp_path / "payload"
    run_python(writer, path)
    assert run_python(reader, path).splitlines() == ["True", "True", "True", "1 2"]
