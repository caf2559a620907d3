"""Functions whose grammar is new in Python 3.14: PEP 750 and PEP 758."""

from case import Cases

case = Cases()


@case(lambda f: f(3).values == (3,) and f(3).strings == ("x = ", "!"))
def template_string():
    def f(x):
        return t"x = {x}!"

    return f


@case(lambda f: f() == "caught")
def except_without_parentheses():
    def f():
        try:
            raise KeyError
        except ValueError, KeyError:
            return "caught"

    return f
