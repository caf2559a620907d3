"""Functions whose grammar is new in Python 3.10."""

from case import Cases

case = Cases()


@case(lambda f: (f([1, 2]), f({"a": 3}), f("x"), f(5)) == ("two 1", "a 3", "text", "other"))
def match_statement():
    def f(value):
        match value:
            case [first, _]:
                return f"two {first}"
            case {"a": inner}:
                return f"a {inner}"
            case str():
                return "text"
            case _:
                return "other"

    return f


@case(lambda f: f([7, 8]) == (8, 1))
def walrus_in_index():
    def f(items):
        return items[i := 1], i

    return f


@case(lambda f: f(3)(1) == "one")
def match_in_a_nested_def():
    def f(_):
        def inner(x):
            match x:
                case 1:
                    return "one"

        return inner

    return f
