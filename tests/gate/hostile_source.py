"""Source records that are not what they seem: what a review sees has to be what runs."""

from __future__ import annotations

import functools
import pickle
import zlib
from typing import Any

import sourcepickle
from sourcepickle import rebuild

from .assemble import Piece, again, call, function, in_turn, inside, kept, ours, record, ref, whole
from .attack import (
    HARMLESS,
    STOPS,
    accept,
    attack,
    opening,
    opening_without_builtins,
    screen_names,
    screen_source,
)

HARMLESS_TEXT = "def f(*args):\n    return args\n"

# A review sees the text of a function by itself, and refuses what opens files. In each of these the
# function that opens one is called.
DECEPTIONS: dict[str, Any] = {}


def deception(make):
    DECEPTIONS[make.__name__] = make
    return make


@deception
def the_last_of_two_functions_is_taken(marker):
    return call(function(HARMLESS_TEXT + opening(marker)))


@deception
def the_last_of_two_lambdas_of_a_line_is_taken(marker):
    return call(function(f"(lambda: 1), (lambda: open({marker!r}, 'x'))\n", "<lambda>"))


@deception
def the_lambda_after_those_in_its_defaults_is_taken(marker):
    return call(function(f"(lambda x=(lambda: 1): open({marker!r}, 'x'))\n", "<lambda>"), 1)


@deception
def a_comprehension_that_is_not_there_gives_the_module(marker):
    return call(function(f"open({marker!r}, 'x')\n", "<listcomp>"))


@deception
def a_comprehension_gives_the_module_and_a_function_stands_in_front(marker):
    return call(function(HARMLESS_TEXT + f"open({marker!r}, 'x')\n", "<dictcomp>"))


@deception
def annotations_that_are_not_there_give_the_module(marker):
    return call(function(f"open({marker!r}, 'x')\n", "__annotate__"))


@deception
def a_function_inside_hides_the_outer_one(marker):
    text = f"def f():\n    def f():\n        return 1\n    open({marker!r}, 'x')\n"
    return call(function(text))


@deception
def a_path_passes_through_the_function_inside(marker):
    text = f"def f():\n    def f():\n        open({marker!r}, 'x')\n    return 1\n"
    return call(function(text, "f.<locals>.f"))


@deception
def a_class_of_the_same_name_stands_behind(marker):
    text = f"{HARMLESS_TEXT}class f:\n    open({marker!r}, 'x')\n"
    return call(function(text))


@deception
def the_text_is_deflated(marker):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return call(function(packer.compress(opening(marker).encode()) + packer.flush()))


@deception
def lines_end_elsewhere_for_str_than_for_python(marker):
    breaks = "\u2028\x0b\x1c\x85" * 2
    text = f"'''{breaks}'''\n" + opening(marker) + HARMLESS_TEXT.replace("f(", "g(") * 4
    return call(function(text))


@deception
def lines_end_by_a_carriage_return(marker):
    text = "'''\r\r'''\r" + opening(marker).replace("\n", "\r") + HARMLESS_TEXT.replace("f(", "g(")
    return call(function(text))


@deception
def a_form_feed_stands_in_front(marker):
    return call(function("\x0c\x0c" + opening(marker)))


@deception
def the_function_is_renamed(marker):
    code = ours("renamed", ours("code", record(opening(marker))), "harmless", None)
    harmless = kept(function(HARMLESS_TEXT), 1)
    filled = ours("fill_function", harmless, (*(None,) * 6, {"__code__": code}))
    return in_turn(filled, call(again(1)))


@deception
def the_last_of_two_functions_of_a_shared_text_is_taken(marker):
    return call(function(HARMLESS_TEXT + opening(marker), "f/"))


@deception
def one_of_two_functions_of_a_shared_text_stands_in_a_block(marker):
    text = f"{HARMLESS_TEXT}if 1:\n    def f():\n        open({marker!r}, 'x')\n"
    return call(function(text, "f/"))


@deception
def a_second_class_of_a_shared_text_hides_the_first(marker):
    text = "class C:\n    def f(): return 1\n"
    hidden = f"while 1:\n    class C:\n        def f(): open({marker!r}, 'x')\n"
    return call(function(text + hidden, "C.f/"))


@deception
def a_class_of_a_shared_text_is_the_default_of_its_namesake(marker):
    text = f"def C(x=[(lambda: 1) for C in ()]):\n    def f(): open({marker!r}, 'x')\n"
    return call(function(f"class C:\n    def f(): return 1\n{text}", "C.<locals>.f/"))


@deception
def the_function_of_a_shared_text_is_the_one_that_opens(marker):
    return call(function(opening(marker) + HARMLESS_TEXT.replace("f(", "g("), "f/"))


@deception
def a_shared_text_has_a_header_of_two_lines(marker):
    text = f"class C(\n  object):\n    def f(): open({marker!r}, 'x')\n    def g(): pass\n"
    return call(function(text, "C.f/"))


@deception
def a_scope_of_a_shared_text_is_not_there(marker):
    return call(function(opening(marker), "<listcomp>.f/"))


@deception
def a_comprehension_passes_for_the_function_of_a_shared_text(marker):
    return call(function(f"open({marker!r}, 'x')\n", "<listcomp>/"))


@deception
def the_name_says_another_class(marker):
    return call(function(opening(marker), "Harmless:f"))


@deception
def the_code_of_one_function_is_given_to_another(marker):
    harmless = kept(function(HARMLESS_TEXT), 1)
    code = ours("code", record(opening(marker)))
    filled = ours("fill_function", harmless, (*(None,) * 6, {"__code__": code}))
    return in_turn(filled, call(again(1)))


@deception
def the_code_of_a_generator_is_given_to_a_function(marker):
    harmless = kept(function(HARMLESS_TEXT), 1)
    code = ours("iterable_code", record(opening(marker)))
    filled = ours("fill_function", harmless, (*(None,) * 6, {"__code__": code}))
    return in_turn(filled, call(again(1)))


@deception
def the_record_is_of_a_coroutine(marker):
    made = ours("iterable_coroutine", record(opening(marker)), None, {"__name__": "job"})
    return call(made)


@deception
def the_record_stands_far_down(marker):
    made = ours("function", record(opening(marker), first_line=5000), None, {"__name__": "job"})
    return call(made)


@deception
def the_record_stands_above_its_file(marker):
    text = "\n" * 40 + opening(marker)
    made = ours("function", record(text, first_line=-30), None, {"__name__": "job"})
    return call(made)


@deception
def the_function_stands_in_a_class(marker):
    text = "class C:\n    " + opening(marker).replace("\n", "\n    ").rstrip(" ")
    return call(function(text, "C.f"))


@deception
def the_line_is_continued(marker):
    text = f"def f(): 1; \\\n    open({marker!r}, 'x')\n"
    return call(function(text))


@deception
def a_statement_stands_behind_a_semicolon(marker):
    return call(function(f"def g(): pass\ndef f(): 1; open({marker!r}, 'x')\n"))


@deception
def the_same_record_was_harmless_but_for_its_text(marker):
    return in_turn(function(HARMLESS_TEXT), call(function(opening(marker))))


@deception
def the_reviewed_name_is_written_in_another_alphabet(marker):
    # Python normalises identifiers to NFKC (PEP 3131), and the names of its code with them.
    return call(function(opening(marker).replace("open", "\uff4fpen")))


@deception
def the_function_is_in_the_default_of_another(marker):
    text = f"def f(x=lambda: open({marker!r}, 'x')):\n    return x\n"
    return call(function(text, "<lambda>"))


@deception
def the_function_is_a_decorator(marker):
    text = f"@(lambda x: open({marker!r}, 'x'))\ndef f():\n    return 1\n"
    return call(function(text, "<lambda>"), 1)


for _name, _make in DECEPTIONS.items():

    def _payload(marker: str, make: Any = _make) -> bytes:
        return whole(make(marker))

    # Characters that look alike are for the names to tell; the text is as it was written.
    if _name != "the_reviewed_name_is_written_in_another_alphabet":
        attack(review=screen_source, name=f"{_name}_and_the_text_is_screened")(_payload)
    attack(review=screen_names, name=f"{_name}_and_the_names_are_screened")(_payload)


# Without a review


def _real(marker: str) -> Any:
    def f(*args):
        open(marker, "x").close()

    return f


def _dumped(obj: Any, **options: Any) -> Piece:
    options.setdefault("by_source", True)
    return inside(sourcepickle.dumps(obj, 3, pickle_by_reference={"gate_helpers"}, **options))


@attack(allow={"gate_helpers"})
def source_without_a_review(marker):
    return whole(call(function(opening(marker))))


@attack(allow=lambda *_: True)
def source_without_a_review_and_all_allowed(marker):
    return whole(call(function(opening(marker))))


@attack(allow={"sourcepickle"})
def source_where_we_are_allowed(marker):
    return whole(call(function(opening(marker))))


@attack(allow={"gate_helpers"})
def real_function_without_a_review(marker):
    return whole(call(_dumped(_real(marker))))


@attack(allow={"gate_helpers"})
def coroutine_without_a_review(marker):
    made = ours("iterable_coroutine", record(opening(marker)), None, {"__name__": "job"})
    return whole(call(made))


@attack(allow={"gate_helpers"})
def code_without_a_review(marker):
    code = ours("code", record(opening_without_builtins(marker)))
    made = call(ref("types", "FunctionType"), code, {})
    return whole(call(made))


@attack(allow={"gate_helpers"}, ends=HARMLESS, inert="a code object alone does nothing")
def code_object_that_nobody_calls(marker):
    return whole(ours("code", record(opening(marker))))


@attack(allow={"gate_helpers"})
def portable_callable_without_a_review(marker):
    made = sourcepickle.portable(_real(marker), pickle_by_reference={"gate_helpers"})
    return whole(call(inside(pickle.dumps(made, 3))))


@attack(allow={"gate_helpers"})
def source_in_a_pickle_in_a_portable_callables(marker):
    inner = whole(call(function(opening(marker))))
    outer = whole(call(ref("_pickle", "loads"), inner))
    return whole(call(ref("_pickle", "loads"), outer))


@attack(review=screen_source)
def source_in_a_portable_callables_pickle_is_reviewed(marker):
    inner = whole(call(function(opening(marker))))
    return whole(call(ref("_pickle", "loads"), inner))


@attack(review=accept)
def standalone_function(marker):
    return whole(call(_dumped(_real(marker), standalone=True)))


@attack(allow=lambda *_: True, review=accept)
def standalone_function_and_all_allowed(marker):
    return whole(call(_dumped(_real(marker), standalone=True)))


@attack(allow={"builtins", "operator"}, review=accept)
def standalone_class(marker):
    class C:
        def __setstate__(self, state):
            open(marker, "x").close()

    made = C()
    made.x = 1
    return whole(_dumped(made, standalone=True))


@attack(allow={"gate_helpers"}, review=accept)
def standalone_portable_callable(marker):
    made = sourcepickle.portable(
        _real(marker), standalone=True, pickle_by_reference={"gate_helpers"}
    )
    return whole(call(inside(pickle.dumps(made, 3))))


# What stands around the function is compiled, and never run

AROUND = "what stands around the function is compiled and never run"


@attack(review=accept, ends=HARMLESS, inert=AROUND)
def code_of_the_module_does_not_run(marker):
    return whole(function(f"open({marker!r}, 'x')\n{HARMLESS_TEXT}"))


@attack(review=accept, ends=HARMLESS, inert=AROUND)
def defaults_do_not_run(marker):
    return whole(function(f"def f(x=open({marker!r}, 'x')):\n    return x\n"))


@attack(review=accept, ends=HARMLESS, inert=AROUND)
def decorators_do_not_run(marker):
    return whole(function(f"@open({marker!r}, 'x')\ndef f():\n    return 1\n"))


@attack(review=accept, ends=HARMLESS, inert=AROUND)
def annotations_do_not_run(marker):
    return whole(function(f"def f(x: open({marker!r}, 'x')):\n    return x\n"))


@attack(review=accept, ends=HARMLESS, inert=AROUND)
def class_bodies_do_not_run(marker):
    body = f"open({marker!r}, 'x')"
    text = f"class C({body}):\n    {body}\n    def f(self):\n        pass\n"
    return whole(function(text, "C.f"))


@attack(review=accept, ends=HARMLESS, inert=AROUND)
def functions_around_do_not_run(marker):
    text = f"def outer():\n    open({marker!r}, 'x')\n    def f():\n        pass\n"
    return whole(function(text, "outer.<locals>.f"))


@attack(review=accept, ends=HARMLESS, inert=AROUND)
def imports_of_the_text_do_not_run(_):
    return whole(function(f"import alarm\n{HARMLESS_TEXT}"))


# Records that are wrong: an error, and nothing that was compiled is called

WRONG = "the record does not load"


def _wrong(change: Any, marker: str) -> bytes:
    fields = list(record(opening(marker)))
    change(fields)
    if change.__name__ != "wrong_checksum":
        fields[7] = rebuild.checksum(tuple(fields))
    made = ours("function", tuple(fields), None, {"__name__": "job"})
    return whole(call(made))


def wrong_checksum(fields):
    fields[7] ^= 1


def wrong_path(fields):
    fields[0] = "g"


def wrong_grammar(fields):
    fields[1] = "def f(:\n"


def wrong_text_of_zeros(fields):
    fields[1] = "def f():\n    '\0'\n"


def wrong_text_that_is_not_deflated(fields):
    fields[1] = b"\xff" * 20


def wrong_needs(fields):
    fields[6] = (99, "a construct of the future", 1)


def wrong_free_variables(fields):
    fields[4] = ("missing",)
    fields[1] = "def outer(missing):\n    def f():\n        return missing\n"
    fields[0] = "outer.<locals>.f"


def wrong_future(fields):
    fields[5] = ("all_feature_names",)


def wrong_line(fields):
    fields[2] = 2**31


for _change in (
    wrong_checksum,
    wrong_path,
    wrong_grammar,
    wrong_text_of_zeros,
    wrong_needs,
    wrong_line,
):
    attack(review=accept, inert=WRONG, name=f"record_with_{_change.__name__}")(
        functools.partial(_wrong, _change)
    )
for _change in (wrong_text_that_is_not_deflated, wrong_free_variables, wrong_future):
    attack(review=accept, ends=STOPS, inert=WRONG, name=f"record_with_{_change.__name__}")(
        functools.partial(_wrong, _change)
    )
