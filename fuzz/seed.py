"""Write seeds for the fuzzer: pieces of the interpreter's own standard library.

Usage: python fuzz/seed.py [folder, fuzz/corpus/index where none is named]
"""

import ast
import hashlib
import random
import sys
import sysconfig
import warnings
from pathlib import Path

MOST_BYTES = 4096  # libFuzzer's -max_len
MOST_SEEDS = 4000
# Where text is odd on purpose.
ALWAYS = ("test_grammar", "test_fstring", "test_tokenize", "test_type_params", "test_compile")
RECIPES = 500


def pieces(text):
    """Cut a file between top-level statements where it is longer than a seed may be."""
    lines = text.splitlines(keepends=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        starts = [statement.lineno - 1 for statement in ast.parse(text).body]
    piece = ""
    for start, end in zip([0, *starts[1:]], [*starts[1:], len(lines)]):
        statement = "".join(lines[start:end])
        if piece and len((piece + statement).encode()) > MOST_BYTES:
            yield piece
            piece = ""
        piece += statement
    yield piece


def main():
    """Fill the folder."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "corpus" / "index")
    folder.mkdir(parents=True, exist_ok=True)
    seeds = {}
    for path in sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py")):
        if "site-packages" in path.parts:
            continue
        try:
            found = [piece.encode() for piece in pieces(path.read_text("utf-8"))]
        except (SyntaxError, ValueError, RecursionError):
            continue  # the library's own tests have files that do not parse
        rank = 0 if path.stem in ALWAYS else 1
        for seed in found:
            if b"def " in seed or b"lambda" in seed:
                seeds.setdefault(seed[:MOST_BYTES], rank)
    dice = random.Random(0)
    chosen = sorted(seeds, key=lambda seed: (seeds[seed], hashlib.sha256(seed).digest()))
    # A leading NUL makes a recipe for the target's own generator.
    chosen[MOST_SEEDS:] = [b"\0" + dice.randbytes(dice.randint(20, 800)) for _ in range(RECIPES)]
    for seed in chosen:
        (folder / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    print(f"{len(chosen)} seeds in {folder}")


if __name__ == "__main__":
    main()
