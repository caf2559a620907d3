"""Install torch and nnsight without the gigabytes of CUDA that torch's wheel is linked with.

Stand-ins take the places of CUDA's libraries: every function that torch asks of them answers 100,
``cudaErrorNoDevice``, and torch computes on the processor. The arguments are the requirements that
go with torch. It needs cc and readelf.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

LIBRARIES = Path(sysconfig.get_path("purelib"), "torch", "lib")
OF_CUDA = re.compile(r"lib(cu|nccl|nv)")
# A library in the list of the versions of symbols that another needs.
OF_LIBRARY = re.compile(r"File: (\S+)\s+Cnt: \d+\n((?:\s+\S+:\s+Name: .*\n)*)")
# The names of functions that libraries without versions of symbols have.
NAME_OF_CUDA = re.compile(r"(cu[A-Z]|cu(File|sparseLt)|nccl|nv)")


def wanted() -> dict[str, dict[str, set[str]]]:
    """Return the functions that torch asks for, by library and by version of its symbols."""
    present = {path.name for path in LIBRARIES.glob("*.so*")}
    stubs: dict[str, dict[str, set[str]]] = {}
    symbols = set()
    for path in sorted(LIBRARIES.glob("*.so*")):
        command = ["readelf", "-dW", "--dyn-syms", "-V", str(path)]
        text = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        for name in re.findall(r"\(NEEDED\).*\[(.*)\]", text):
            if OF_CUDA.match(name) and name not in present:
                stubs.setdefault(name, {})
        for name, versions in OF_LIBRARY.findall(text):
            if name in stubs:
                for version in re.findall(r"Name: (\S+)", versions):
                    stubs[name].setdefault(version, set())
        symbols.update(re.findall(r" UND (\w+)(?:@(\S+))?", text))
    for name, version in symbols:
        for versions in stubs.values():
            if version in versions:
                versions[version].add(name)
    plain = {name for name, version in symbols if not version and NAME_OF_CUDA.match(name)}
    for library, versions in stubs.items():
        if library.startswith("libcufile"):
            versions.setdefault("", set()).update(plain)
    return stubs


def write(library: str, versions: dict[str, set[str]]) -> None:
    """Compile a stand-in."""
    source, script = LIBRARIES / "stub.c", LIBRARIES / "stub.map"
    names = sorted(set().union(*versions.values()))
    source.write_text("".join(f"int {name}(void) {{ return 100; }}\n" for name in names))
    blocks = []
    for version, own in versions.items():
        listed = "".join(f"{name}; " for name in sorted(own))
        if version:
            blocks.append(f"{version} {{ {f'global: {listed}' if own else ''}}};\n")
    script.write_text("".join(blocks))
    command = ["cc", "-w", "-fno-builtin", "-shared", "-fPIC", "-o", str(LIBRARIES / library)]
    command += [str(source), f"-Wl,-soname,{library}"]
    command += [f"-Wl,--version-script={script}"] if blocks else []
    subprocess.run(command, check=True)
    source.unlink()
    script.unlink()


def main() -> None:
    """Install, once."""
    if not LIBRARIES.exists():
        # torch would bring CUDA, and nnsight torch.
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*pip, "torch", *sys.argv[1:]], check=True)
        for library, versions in wanted().items():
            write(library, versions)
    subprocess.run(
        [sys.executable, "-c", "import torch; torch.ones(2) @ torch.ones(2)"], check=True
    )


if __name__ == "__main__":
    main()
