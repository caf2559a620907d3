"""Functions whose grammar is new in Python 3.11."""

from case import Cases

case = Cases()


@case(lambda f: f() == "group of 1")
def except_star():
    def f():
        try:
            raise ExceptionGroup("g", [ValueError(1), KeyError(2)])
        except* ValueError as group:
            result = f"group of {len(group.exceptions)}"
        except* KeyError:
            pass
        return result

    return f


@case(lambda f: f((1, 2)) == ((0, 1, 2), "item"))
def star_in_index():
    def f(rest):
        class Indexed:
            def __getitem__(self, key):
                return key, "item"

        return Indexed()[0, *rest]

    return f


@case(lambda f: f(1, 2) == (1, 2))
def star_annotation():
    def f(*args: *tuple[int, ...]):
        return args

    return f
