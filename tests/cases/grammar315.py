"""Functions whose grammar is new in Python 3.15: PEP 798."""

from case import Cases

case = Cases()


@case(lambda f: f([[1], [2, 3]]) == [1, 2, 3])
def unpacking_in_list_comprehension():
    def f(lists):
        return [*each for each in lists]

    return f


@case(lambda f: f([{"a": 1}, {"b": 2}]) == {"a": 1, "b": 2})
def unpacking_in_dict_comprehension():
    def f(dicts):
        return {**each for each in dicts}

    return f


@case(lambda f: list(f([[1], [2]])) == [1, 2])
def unpacking_in_generator():
    return lambda lists: (*each for each in lists)
