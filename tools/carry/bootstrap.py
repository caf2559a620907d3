"""What a payload runs in a process that knows no package for it yet.

What runs it, in ``carry_rebuild.py``, sets ``name``, under which ``sys.modules`` has the package
from then on, be it the installed one or the carried, and ``text``: this text and, behind it, that
of the carried package.
"""

import importlib.machinery
import importlib.util
import sys

try:
    import sourcepickle.rebuild as package

    if package.FORMAT < LEAST_FORMAT:
        raise ImportError
except Exception:  # It is missing, too old, broken, or something else of that name.
    package = importlib.util.module_from_spec(importlib.machinery.ModuleSpec(name, None))
    exec(compile(text[1], f"<{name}>", "exec", 0, True), package.__dict__)
    package.carried_text = text[1]
# Not before it is whole; and another thread may have been faster.
package = sys.modules.setdefault(name, package)
