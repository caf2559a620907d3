"""Signed payloads."""

import io
import pickle

import pytest
import sourcepickle

KEY = sourcepickle.HMAC(b"k" * 32)


def make():
    def double(x):
        return x * 2

    return double


double = make()


def signed(obj=double, **options):
    return sourcepickle.dumps(obj, sign=KEY.sign, **options)


def test_what_was_signed_loads_and_is_the_payload_itself():
    seen = []

    def verify(payload, signature):
        seen.append((payload, signature))
        return KEY.verify(payload, signature)

    assert sourcepickle.loads(signed(by_source=True), verify=verify)(4) == 8
    [(payload, signature)] = seen
    assert payload == sourcepickle.dumps(double, by_source=True)
    assert signature == KEY.sign(payload)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_signed_payload_is_a_pickle_still(protocol):
    data = signed({"a": [1, 2]}, protocol=protocol)
    assert pickle.loads(data) == pickle._loads(data) == sourcepickle.loads(data) == {"a": [1, 2]}
    assert sourcepickle.loads(data, verify=KEY.verify) == {"a": [1, 2]}


def test_every_changed_byte_is_refused():
    data = signed([1, 2, "three"])
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(sourcepickle.SignatureError):
            sourcepickle.loads(changed, verify=KEY.verify)


def test_every_beginning_is_refused():
    data = signed([1, 2, "three"])
    for end in range(len(data)):
        with pytest.raises(sourcepickle.SignatureError):
            sourcepickle.loads(data[:end], verify=KEY.verify)


def test_nothing_is_read_of_what_is_not_signed():
    class Opens:
        def __reduce__(self):
            return pytest.fail, ("it was loaded",)

    data = pickle.dumps(Opens())
    with pytest.raises(sourcepickle.SignatureError, match="not signed"):
        sourcepickle.loads(data, verify=KEY.verify)
    other = sourcepickle.HMAC(b"o" * 32)
    with pytest.raises(sourcepickle.SignatureError, match="altered, or signed by another"):
        sourcepickle.loads(sourcepickle.dumps(Opens(), sign=other.sign), verify=KEY.verify)


@pytest.mark.parametrize("answer", [False, None, 1, "yes"])
def test_only_true_is_a_verification(answer):
    with pytest.raises(sourcepickle.SignatureError):
        sourcepickle.loads(signed(), verify=lambda payload, signature: answer)


def test_an_exception_of_verify_comes_out_as_it_is():
    def verify(payload, signature):
        raise LookupError("no such key")

    with pytest.raises(LookupError, match="no such key"):
        sourcepickle.loads(signed(), verify=verify)


def test_payloads_stand_behind_one_another_in_a_file():
    file = io.BytesIO()
    for number in range(3):
        sourcepickle.dump(number, file, sign=KEY.sign)
    file.seek(0)
    assert [sourcepickle.load(file, verify=KEY.verify) for _ in range(3)] == [0, 1, 2]
    file.seek(0)
    assert [pickle.load(file) for _ in range(3)] == [0, 1, 2]


def test_verification_comes_before_review():
    seen = []
    with pytest.raises(sourcepickle.SignatureError):
        sourcepickle.loads(signed(by_source=True)[:-1], verify=KEY.verify, review=seen.append)
    assert seen == []
    loaded = sourcepickle.loads(signed(by_source=True), verify=KEY.verify, review=seen.append)
    assert loaded(2) == 4
    assert [record.name for record in seen] == ["make.<locals>.double"]


@pytest.mark.parametrize("by_source", [True, False, "prefer"])
def test_the_options_of_a_dump_hold_with_a_signature(by_source):
    data = signed(by_source=by_source)
    assert data.endswith(sourcepickle.dumps(double, by_source=by_source))


def test_buffers_have_no_signature():
    buffers = []
    with pytest.raises(ValueError, match="buffer"):
        sourcepickle.dumps(1, protocol=5, buffer_callback=buffers.append, sign=KEY.sign)
    with pytest.raises(ValueError, match="buffers"):
        sourcepickle.loads(signed(), buffers=[], verify=KEY.verify)


@pytest.mark.parametrize(
    ("signature", "error"), [("text", TypeError), (None, TypeError), (b"x" * 70_000, ValueError)]
)
def test_what_is_no_signature_is_refused(signature, error):
    with pytest.raises(error, match="sign gave"):
        sourcepickle.dumps(1, sign=lambda payload: signature)


def test_a_key_is_bytes_and_long_enough():
    for key, error in (("k" * 32, TypeError), (b"short", ValueError), (b"", ValueError)):
        with pytest.raises(error):
            sourcepickle.HMAC(key)
    with pytest.raises(ValueError):
        sourcepickle.HMAC(b"k" * 32, "no such hash")


def test_a_key_does_not_show_itself():
    assert b"kkkk".decode() not in repr(KEY)
    assert repr(KEY) == "HMAC(..., 'sha256')"


def test_other_hashes_and_keys_sign_otherwise():
    payload = b"payload"
    signatures = {
        sourcepickle.HMAC(key, digest).sign(payload)
        for key in (b"a" * 16, b"b" * 16)
        for digest in ("sha256", "sha512", "blake2b")
    }
    assert len(signatures) == 6
