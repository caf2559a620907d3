"""Functions whose grammar is new in Python 3.12: PEP 695 and PEP 701."""

from case import Cases

case = Cases()


@case(lambda f: f(3) == 3 and f.__type_params__[0].__name__ == "T")
def generic_function():
    def f[T](x: T) -> T:
        return x

    return f


@case(lambda f: f(3) == (3, "T"))
def generic_function_that_reads_its_parameter():
    def f[T](x):
        return x, T.__name__

    return f


@case(lambda f: f() == "Alias")
def type_statement():
    def f():
        type Alias[T] = list[T]
        return Alias.__name__

    return f


@case(lambda f: f() == 2)
def generic_class_inside():
    def f():
        class Box[T]:
            def get(self, x: T) -> T:
                return x

        return Box[int]().get(2)

    return f


@case(lambda f: f({"a": 1}) == "1 a\n")
def f_string_with_its_own_quotes():
    def f(d):
        return f"{d["a"]} {"".join(d)}{"\n"}"

    return f


@case(lambda f: f(2) == "4")
def f_string_with_comment_and_lines():
    def f(x):
        return f"{
            x  # a comment
            * 2
        }"

    return f


@case(lambda f: f(2) == 4)
def lambda_in_f_string_of_pep_701():
    keep = []
    f"{keep.append(lambda x, q="'": x * 2)} {"nested"}"
    return keep[0]


@case(lambda f: f(2) == (2, "T"))
def lambda_in_the_annotation_of_a_generic_function():
    def f[T](x: (lambda y: (y, T.__name__))):
        pass

    return f.__annotations__["x"]


@case(lambda f: f(2) == (2, "T", 7))
def lambda_in_a_bound():
    k = 7

    def f[T: (lambda y: (y, T.__name__, k)), *Ts, **P]():
        pass

    return f.__type_params__[0].__bound__


@case(lambda fs: [f(2) for f in fs] == [(2, 3), (2, "T", 5)])
def lambdas_in_a_type_statement():
    k = 3
    type A = lambda y: (y, k)
    type X[T] = [lambda y: (y, T.__name__, n) for n in [5]][0]
    return [A.__value__, X.__value__]


@case(lambda f: f(2) == (2, "T"))
def lambda_in_the_base_of_a_generic_class():
    class Base:
        def __init_subclass__(cls, hook):
            cls.hook = staticmethod(hook)

    class C[T](Base, hook=lambda y: (y, T.__name__)):
        pass

    return C.hook
