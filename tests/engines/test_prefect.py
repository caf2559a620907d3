"""Prefect's serializer of results."""

import pytest
from engines import page

WRITE = """
    import base64, json, sys
    import sourcepickle
    from prefect.serializers import PickleSerializer

    rate = 2
    price = lambda value: value * rate
    mode = sys.argv[1]
    if mode == "install":
        sourcepickle.install()
    if mode == "portable":
        price = sourcepickle.portable(price)
    serializer = PickleSerializer(picklelib=sys.argv[2])
    blob = serializer.dumps(price)
    has_source = b"sourcepickle" in base64.decodebytes(blob)
    print(json.dumps([has_source, serializer.loads(blob)(4), blob.decode()]))
"""

READ = """
    import base64, json, pickle, sys

    print(json.dumps(pickle.loads(base64.decodebytes(sys.argv[1].encode()))(4)))
"""


BY_NAME, INSTALL, PORTABLE = (
    pytest.mark.way(name) for name in ("`by_source`", "`install()`", "`portable`")
)


@pytest.mark.feature("`PickleSerializer`")
@pytest.mark.parametrize(
    ("mode", "library", "has_source"),
    [
        pytest.param("none", "sourcepickle", False, marks=BY_NAME),
        # Prefect passes no options, so the name of the library has to say it.
        pytest.param("none", "sourcepickle.by_source", True, marks=BY_NAME),
        pytest.param("install", "cloudpickle", True, marks=INSTALL),
        pytest.param("portable", "cloudpickle", True, marks=PORTABLE),
        pytest.param("portable", "sourcepickle", True, marks=PORTABLE),
    ],
)
def test_serializer_alone(run, mode, library, has_source):
    """A function comes back through the serializer, by source where that is asked for."""
    found, result, _ = run("WRITER", WRITE, mode, library, PREFECT_LOGGING_LEVEL="ERROR")
    assert (found, result) == (has_source, 8)


@pytest.mark.feature("results that another version reads")
@pytest.mark.parametrize(
    ("mode", "library"),
    [
        pytest.param("none", "sourcepickle.by_source", marks=BY_NAME),
        pytest.param("install", "cloudpickle", marks=INSTALL),
        pytest.param("portable", "cloudpickle", marks=PORTABLE),
    ],
)
def test_another_version_reads_a_result(run, mode, library):
    """Another minor version loads what the serializer wrote by source."""
    blob = run("WRITER", WRITE, mode, library, PREFECT_LOGGING_LEVEL="ERROR")[2]
    assert run("READER", READ, blob) == 8


@BY_NAME
@pytest.mark.feature("results that another version reads")
def test_snippet(output, tmp_path):
    """The page's snippet prints what it says, and another version reads what it wrote."""
    (snippet,) = page.blocks("Prefect", "python")
    write = f"\nopen({str(tmp_path / 'blob')!r}, 'wb').write(blob)\n"
    assert output("WRITER", snippet + write) == page.printed(snippet)
    read = f"""
        from prefect.serializers import PickleSerializer

        blob = open({str(tmp_path / "blob")!r}, "rb").read()
        print(PickleSerializer(picklelib="sourcepickle.by_source").loads(blob)(4))
    """
    assert output("READER", read) == page.printed(snippet)
