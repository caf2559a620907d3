"""Functions whose grammar is new in Python 3.13."""

from case import Cases

case = Cases()


@case(lambda f: f(3) == 3 and f.__type_params__[0].__name__ == "T")
def type_parameter_with_default():
    def f[T = int](x: T) -> T:
        return x

    return f


@case(lambda fs: [f(2) for f in fs] == [(2, "T"), (2, "T", 5)])
def lambdas_in_defaults_of_type_parameters():
    k = 5

    def f[T, U = (lambda y: (y, T.__name__)), **P = [lambda y: (y, T.__name__, k)]]():
        pass

    _, u, p = f.__type_params__
    return [u.__default__, p.__default__[0]]
