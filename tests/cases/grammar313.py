"""Functions whose grammar is new in Python 3.13."""

from case import Cases

case = Cases()


@case(lambda f: f(3) == 3 and f.__type_params__[0].__name__ == "T")
def type_parameter_with_default():
    def f[T = int](x: T) -> T:
        return x

    return f
