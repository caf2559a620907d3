"""Functions that the examples of docstrings define."""

import doctest

MODULE = '''
"""A module whose examples define and dump functions.

>>> import json, pickle, sourcepickle
>>> def f(x):
...     return json.dumps(x)
>>> a, b = lambda x: x + 1, lambda x: x + 2
>>> def send(function):
...     return pickle.loads(sourcepickle.dumps(function, by_source=True))
>>> send(f)([1])
'[1]'
>>> send(a)(0), send(b)(0)
(1, 2)
>>> import math; root = lambda x: math.sqrt(x)
>>> send(root)(9)
3.0
>>> def f(x):
...     @@@A docstring.@@@
...     return [x]
>>> send(f)(1)
[1]
>>> print(send(f).__doc__)
A docstring.
>>> send(send) is send
False
"""

class C:
    def method(self):
        r"""
            >>> import pickle, sourcepickle
            >>> def outer(k):
            ...     def inner(x):
            ...         return x + k
            ...
            ...     return inner
            >>> data = sourcepickle.dumps(outer(3), by_source=True)
            >>> pickle.loads(data)(1)
            4
            >>> pickle.loads(data).__code__.co_filename.startswith("<sourcepickle <doctest ")
            True
        """

def own(x):
    """
    >>> import pickle, sourcepickle, sys
    >>> sourcepickle.register_pickle_by_value(sys.modules[own.__module__])
    >>> try:
    ...     pickle.loads(sourcepickle.dumps(own, by_source=True))(4)
    ... finally:
    ...     sourcepickle.unregister_pickle_by_value(sys.modules[own.__module__])
    5
    """
    return x + 1
'''.lstrip().replace("@@@", "'" * 3)


def test_testmod_in_a_child(python, write):
    write("examples.py", MODULE)
    run = "import doctest, examples, sys; sys.exit(doctest.testmod(examples).failed)"
    assert python("-c", run, env={"PYTHONPATH": "."}) == ""


def test_the_doctest_program(python, write):
    write("examples.py", MODULE)
    assert python("-m", "doctest", "examples.py", env={"PYTHONPATH": "."}) == ""


def test_pytests_doctest_modules(python, write):
    write("examples.py", MODULE)
    for mode in ("prepend", "importlib"):
        mode = f"--import-mode={mode}"
        command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--doctest-modules", mode)
        assert "3 passed" in python(*command, "examples.py")


def test_a_text_file_of_examples(python, write):
    write(
        "examples.txt",
        """\
        >>> import json
        >>> f = lambda x: json.dumps(x)
        >>> import pickle, sourcepickle
        >>> pickle.loads(sourcepickle.dumps(f, by_source=True))([1])
        '[1]'
        """,
    )
    assert python("-m", "doctest", "examples.txt") == ""


def test_each_example_of_a_test_has_its_own_text(dumps):
    """The runner names them ``<doctest NAME[NUMBER]>``, all at line 1."""
    import pickle

    got = []
    text = "".join(f">>> f = lambda x: x + {k}\n>>> take(f)\n" for k in range(30))
    take = lambda f: got.append(pickle.loads(dumps(f))(0))  # noqa: E731
    test = doctest.DocTestParser().get_doctest(text, {"take": take}, "many", None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0
    assert got == list(range(30))
