"""Prefect's serializer of results."""

import pytest

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


@pytest.mark.parametrize(
    ("mode", "library", "has_source"),
    [
        ("none", "sourcepickle", False),
        ("install", "cloudpickle", True),
        ("portable", "cloudpickle", True),
        ("portable", "sourcepickle", True),
        # Prefect passes no options, so the name of the library has to say it.
        ("none", "sourcepickle.by_source", True),
    ],
)
def test_serializer_alone(run, engine_python, mode, library, has_source):
    """A function comes back through the serializer, by source where that is asked for."""
    found, result, _ = run(engine_python, WRITE, mode, library, PREFECT_LOGGING_LEVEL="ERROR")
    assert (found, result) == (has_source, 8)


@pytest.mark.parametrize(
    ("mode", "library"), [("install", "cloudpickle"), ("portable", "cloudpickle")]
)
def test_another_version_reads_a_result(run, engine_python, other_python, mode, library):
    """Another minor version loads what the serializer wrote by source."""
    blob = run(engine_python, WRITE, mode, library, PREFECT_LOGGING_LEVEL="ERROR")[2]
    assert run(other_python, READ, blob) == 8
