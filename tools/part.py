"""What ``part`` of sourcepickle.rebuild is where the package is carried: it makes the modules.

The text that it is called with is of a module, or of more of one that is there. ``last`` is the
name that the module lacks until it has all of that text. What the text needs itself stands in
further arguments, and so is there before.
"""

import importlib.machinery
import importlib.util
import sys
import zlib


def part(name, last, compressed, *_):
    full_name = __name__ + name
    module = sys.modules.get(full_name)
    if module is None:
        module = importlib.util.module_from_spec(importlib.machinery.ModuleSpec(full_name, None))
    namespace = module.__dict__
    if last not in namespace:
        own_text = zlib.decompressobj(-15, carried_text).decompress(compressed)
        exec(compile(own_text, f"<{full_name}>", "exec", dont_inherit=True), namespace)
    # Not before it is whole; and another thread may have been faster.
    return sys.modules.setdefault(full_name, module).__dict__
