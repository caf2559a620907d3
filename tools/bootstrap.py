"""What a payload runs in a process that knows no package for it yet; it leaves one as ``package``.

The text that it evaluates, in ``carry_rebuild.py``, sets the other names: ``modules`` is
``sys.modules``, ``least`` the format that an installed package must have, ``name`` the name of the
carried one there, and ``text`` this text and, behind it, the carried package's own.
"""

import importlib.machinery
import importlib.util

try:
    import sourcepickle.rebuild as package

    if least > package.FORMAT:
        raise ImportError
except Exception:  # It is missing, too old, broken, or something else of that name.
    package = importlib.util.module_from_spec(importlib.machinery.ModuleSpec(name, None))
    exec(compile(text[1], f"<{name}>", "exec", dont_inherit=True), package.__dict__)
    package.carried_text = text[1]
    # Not before it is whole; and another thread may have been faster.
    package = modules.setdefault(name, package)
