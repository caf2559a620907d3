"""What sourcepickle.rebuild has only where payloads carry it; its names are that package's."""

import importlib.machinery
import importlib.util
import pickle
import sys


def _reduce_error(error):
    # Where the error is sent to, as by a pool's worker, the carried package need not be.
    return pickle.UnpicklingError, error.args


SourceVersionError.__reduce__ = SourceDamagedError.__reduce__ = _reduce_error


def part(name, last, compressed, *_):
    """Return a module's namespace, made of a text, or given more by it, if need be.

    ``last`` is the name that the module lacks until it has all of the text. What that needs itself
    stands in further arguments, and so is there before.
    """
    full_name = __name__ + name
    module = sys.modules.get(full_name)
    if module is None:
        module = importlib.util.module_from_spec(importlib.machinery.ModuleSpec(full_name, None))
    namespace = module.__dict__
    if last not in namespace:
        own_text = inflated(compressed, 15, carried_text)
        exec(compile(own_text, f"<{full_name}>", "exec", 0, True), namespace)
    # Not before it is whole; and another thread may have been faster.
    return sys.modules.setdefault(full_name, module).__dict__
