"""The machine does with nodes what pickle does with objects."""

import collections
import io
import pickle

import pytest
from sourcepickle.reading import machine
from sourcepickle.reading.errors import NotReadableError
from sourcepickle.reading.machine import run
from sourcepickle.reading.nodes import Call, Container, Reference
from sourcepickle.reading.opcodes import Slice
from sourcepickle.reading.values import plain

VALUES = [
    [1, 2.5, "x", None, True, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
    {"a": 1, "b": {"c": [1]}},
    b"bytes",
    [],
    {},
]


def nodes(data):
    return run(Slice(io.BytesIO(data), "name", 0, len(data)))


def made(node):
    """The object that a node of no calls stands for."""
    node = plain(node)
    if type(node) is not Container:
        return node
    items = [made(item) for item in node.items]
    if node.kind == "dict":
        return dict(zip(items[::2], items[1::2]))
    return {"tuple": tuple, "list": list, "set": set, "frozenset": frozenset}[node.kind](items)


@pytest.mark.parametrize("protocol", range(6))
def test_containers_hold_what_pickle_puts_into_them(protocol):
    found = nodes(pickle.dumps(VALUES, protocol))
    assert made(found.root) == VALUES
    assert found.protocol == (protocol if protocol >= 2 else None)


@pytest.mark.parametrize("protocol", [4, 5])
def test_sets_are_containers(protocol):
    assert made(nodes(pickle.dumps([{1, 2}, frozenset([3])], protocol)).root) == [{1, 2}, {3}]


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_has_its_function_arguments_items_and_state(protocol):
    counter = collections.OrderedDict(a=1)
    counter.more = 5
    root = nodes(pickle.dumps(counter, protocol)).root
    assert (root.function.module, root.function.name) == ("collections", "OrderedDict")
    assert [made(state) for state in root.state] == [{"more": 5}]
    assert protocol < 2 or root.pairs.items == ["a", 1]


@pytest.mark.parametrize("protocol", range(3))
def test_names_of_python_2_are_those_of_python_3(protocol):
    root = nodes(pickle.dumps(print, protocol)).root
    assert (root.module, root.name) == ("builtins", "print")


def test_a_cycle_is_a_node_in_itself():
    cycle = []
    cycle.append(cycle)
    root = nodes(pickle.dumps(cycle)).root
    assert root.items[0] is root


def test_a_call_that_is_thrown_away_set_the_state_of_its_first_argument():
    data = b"\x80\x04cm\nf\n)R\x94cm\ng\nh\x00\x85R0."
    root = nodes(data).root
    assert [call.function.name for call in root.setters] == ["g"]


def test_a_call_knows_the_bytes_that_made_it():
    data = b"\x80\x04K\x01cm\nf\nK\x02\x85R\x86."
    call = nodes(data).root.items[1]
    assert data[call.start : call.end] == b"cm\nf\nK\x02\x85R"


def test_persistent_ids_and_buffers_are_nodes():
    class Pickler(pickle.Pickler):
        def persistent_id(self, obj):
            return ("id", 3) if obj == "kept" else None

    file = io.BytesIO()
    Pickler(file, 5, buffer_callback=lambda buffer: False).dump(
        ["kept", pickle.PickleBuffer(b"data")]
    )
    found = nodes(file.getvalue())
    assert [made(node.id) for node in found.persistent] == [("id", 3)]
    assert found.buffers == 1


def test_of_many_plain_values_the_first_are_kept_and_the_rest_told_apart():
    one, two = (nodes(pickle.dumps([*range(5000), last])).root for last in ("this one", "that one"))
    assert one.length == two.length == 5001
    assert len(one.items) == Container.MOST_PLAIN
    assert one.left_out != two.left_out


def test_what_is_no_plain_value_is_kept_wherever_it_stands():
    root = nodes(pickle.dumps([*range(5000), print])).root
    assert type(root.items[-1]) is Reference


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"0.", "POP finds too little"),
        (b"R.", "REDUCE finds too little"),
        (b"t.", "no mark"),
        (b"((a.", "a mark from the stack for an object"),
        (b"h\x00.", "nothing was memoized as 0"),
        (b"(K\x01d.", "a key without a value"),
        (b"}(K\x01u.", "a key without a value"),
        (b"K\x01K\x02a.", "adds items to what takes none"),
        (b"]K\x01K\x02s.", "adds items to what takes none"),
        (b"NN\x93.", "named by something else"),
        (b"(o.", "an object of no class"),
        (b"\x80\x06N.", "protocol 6"),
        (b"\x95\xff\x00\x00\x00\x00\x00\x00\x00N.", "before a frame of 255 bytes"),
        (b".", "STOP finds too little"),
    ],
)
def test_what_pickle_cannot_run_is_an_error(data, reason):
    with pytest.raises(NotReadableError, match=reason):
        nodes(data)


def test_what_nests_deep_is_read():
    depth = 1_000_000
    data = b"]" * depth + b"a" * (depth - 1) + b"."
    root = nodes(data).root
    assert root.length == 1
    data = b"cm\nf\n" + b"\x85" * depth + b"."
    assert type(nodes(data).root) is Container


@pytest.mark.parametrize(
    "data", [b"]" * 9000, b"N" * 9000, b"(" * 9000, b"N2" * 5000, b"cm\nn\n)R" * 3000]
)
def test_more_objects_than_the_bound_are_an_error_that_names_it(data, monkeypatch):
    monkeypatch.setattr(machine, "MOST_KEPT", 5000)
    with pytest.raises(NotReadableError, match="more than 5,000 objects"):
        nodes(data + b".")


def test_plain_values_of_a_long_list_do_not_count(monkeypatch):
    monkeypatch.setattr(machine, "MOST_KEPT", 5000)
    assert nodes(pickle.dumps(list(range(100_000)))).root.length == 100_000


def test_texts_beyond_the_bound_are_read_again_where_they_are_names(monkeypatch):
    monkeypatch.setattr(machine, "_MOST_BYTES", 1000)
    name = "n" * 100
    texts = [str(number) * 20 for number in range(5000)]
    data = pickle.dumps(texts, 4)[:-1] + b"\x8c\x01m\x8c" + bytes([len(name)]) + name.encode()
    root = nodes(data + b"\x93).").root
    assert made(root) == ()
    data += b"\x93)R."
    root = nodes(data).root
    assert type(root) is Call
    assert root.function.name == name
