"""What a function of a shared text would travel in alone, and what is no such text."""

import ast
import pickle

import pytest
import sourcepickle
from sourcepickle import rebuild
from sourcepickle.reading.shared_text import alone

TEXT = '''\
class C:
    @decorated(lambda: 1)
    def f(self):
        """A doc
  that hangs."""
        class g: pass
        def f(): pass

    async def g(self): return 2
import time
'''


def test_the_headers_and_the_functions_own_lines_are_left():
    assert alone(TEXT, "C.g/") == (
        "class C:\n    async def g(self): return 2\n",
        "C.g",
        7,
    )
    text, path, lines_above = alone(TEXT, "C.f/")
    assert (path, lines_above) == ("C.f", 0)
    assert text == "".join(TEXT.splitlines(True)[:7])
    assert alone("if 1:\n  def f(): pass\n\n  def g(): pass\n", "g/") == (
        "if 1:\n  def g(): pass\n",
        "g",
        2,
    )


def test_functions_between_other_ends_of_lines():
    text = "class C:\r\n def f(self):\r\n  return 'a\fb'\r\n\r\n def g(self): pass\r\n"
    assert alone(text, "C.f/").text == "class C:\r\n def f(self):\r\n  return 'a\fb'\r\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("def f(): pass\ndef f(): pass\n", "f/"),
        ("def f(): pass\nif x:\n  def f(): pass\n", "f/"),
        ("def f(): pass\nclass f: pass\n", "f/"),
        ("class C:\n def f(self): pass\nclass C:\n def f(self): pass\n", "C.f/"),
        ("class C:\n def f(self): pass\nwith x:\n class C: pass\n", "C.f/"),
        ("class f: pass\n", "f/"),
        ("def f(): pass\n", "g/"),
        ("def f(): pass\n", "C.f/"),
        ("x = [y for y in z]\n", "<listcomp>.f/"),
    ],
)
def test_what_a_path_does_not_lead_to_alone_is_refused(text, path):
    with pytest.raises(LookupError):
        alone(text, path)


def test_other_things_of_its_name_do_no_harm():
    text = "def time(): return time.time()\n"
    assert alone(f"{text}import time\n", "time/").text == text


SAMPLE = """
class C:
    def __init__(self, x): self.x = x

    def names(self):
        names = [self.x]
        return names

    def rest(self):
        def names(): return os
        class rest: pass
        return names

    if True:
        @staticmethod
        def value(y=lambda: 1): return y
"""


def records(data, monkeypatch):
    found = []
    own = rebuild._cached_code
    monkeypatch.setattr(rebuild, "_cached_code", lambda source: found.append(source) or own(source))
    pickle.loads(data)
    monkeypatch.undo()
    return found


def test_a_reviewer_sees_each_methods_own_text(module_of):
    module = module_of(SAMPLE)
    data = sourcepickle.dumps(module.C, by_source=True)
    alone = {}
    for name in ("__init__", "names", "value"):
        sent = sourcepickle.dumps(getattr(module.C, name), by_source=True)
        sourcepickle.loads(sent, review=lambda record, name=name: alone.setdefault(name, record))
    together = {}
    with pytest.raises(sourcepickle.SourceDamagedError, match="something else of its name"):
        # A class in the method has its name: this is refused alone, too.
        sourcepickle.loads(data, review=lambda record: together.setdefault(record.name, record))
    del module.C.rest
    data = sourcepickle.dumps(module.C, by_source=True)
    sourcepickle.loads(data, review=lambda record: together.setdefault(record.name, record))
    for name, record in alone.items():
        assert together[f"C.{name}"] == record


def test_a_review_says_where_a_methods_own_text_begins(module_of):
    module = module_of(SAMPLE)
    del module.C.rest
    seen = {}
    data = sourcepickle.dumps(module.C, by_source=True)
    sourcepickle.loads(data, review=lambda record: seen.setdefault(record.name, record))
    assert seen["C.names"].line == 5
    assert seen["C.names"].source.strip().startswith("def names")


def test_a_forged_record_is_not_made(monkeypatch):
    text = "class C:\n def f(self): return 1\nif 1:\n class C:\n  def f(self): return 2\n"
    fields = ("C.f/", text, 1, "job.py", (), (), None)
    record = (*fields, rebuild.checksum(fields))

    class Forged:
        def __reduce__(self):
            return rebuild.function, (record, None, {"__name__": "job"})

    data = pickle.dumps(Forged())
    assert pickle.loads(data)(None) == 2
    seen = []
    with pytest.raises(sourcepickle.SourceDamagedError, match="scope of the name C"):
        sourcepickle.loads(data, review=seen.append)
    assert seen == []


def test_what_alone_gives_is_what_is_compiled(module_of, monkeypatch):
    module = module_of(SAMPLE)
    for record in records(sourcepickle.dumps(module.C, by_source=True), monkeypatch):
        path, _, first_line, *_ = record
        if path.endswith("/"):
            own = alone(rebuild.text_of(record), path)
            fields = (own.path, own.text, first_line + own.lines_above, *record[3:7])
            assert rebuild.compile_record((*fields, 0), "a") == rebuild.compile_record(record, "a")
            ast.parse(own.text)
            break
    else:
        raise AssertionError("no shared text")
