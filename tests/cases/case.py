"""How a case file registers its cases."""


class Cases(dict):
    """Cases by name: a builder of an object, and a check of the object that was loaded."""

    def __call__(self, check):
        """Return a decorator that registers a builder with its check."""

        def register(build):
            assert build.__name__ not in self, build.__name__
            self[build.__name__] = (build, check)
            return build

        return register


def raises(error, call, *arguments):
    """Return the exception of the wanted kind that a call raises, else None."""
    try:
        call(*arguments)
    except error as raised:
        return raised
    return None
