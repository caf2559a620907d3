"""Forks while other threads dump and load: what became of the children, as JSON.

``forks.py TIMES`` forks so often; a child that waits for a lock for ever dies of SIGALRM.
"""

from __future__ import annotations

import collections
import json
import os
import pickle
import signal
import sys
import threading
import warnings
from pathlib import Path

import sourcepickle
from interrupts import module, of_new_classes
from sourcepickle import rebuild

SECONDS = 20


def main(times: int) -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # That forks and threads do not mix.
    sample = module()
    made = sample.make(1)
    data = sourcepickle.dumps(made, by_source=True)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            sourcepickle.dumps(module().make(2), by_source=True)
            rebuild._cached_code.cache_clear()
            pickle.loads(of_new_classes(data))

    def child() -> None:
        signal.alarm(SECONDS)
        rebuild._cached_code.cache_clear()
        assert sourcepickle.dumps(made, by_source=True) == data
        again = sourcepickle.dumps(module().make(3), by_source=True)
        sample.check(*pickle.loads(of_new_classes(again)))

    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    ends: collections.Counter[str] = collections.Counter()
    for _ in range(times):
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                child()
                status = 0
            finally:
                os._exit(status)
        status = os.waitpid(pid, 0)[1]
        ends[signal.Signals(status).name if os.WIFSIGNALED(status) else f"exit {status}"] += 1
        if ends["SIGALRM"] == 3:
            break
    stop.set()
    for thread in threads:
        thread.join()
    print(json.dumps(ends))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(int(sys.argv[1]))
