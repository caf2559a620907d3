"""Functions that one Python version stores in SQLite and another runs.

``python3.10 stored_functions.py store jobs.sqlite``, and then
``python3.13 stored_functions.py run jobs.sqlite``. The second needs nothing of the first.
"""

from __future__ import annotations

import pickle
import sqlite3
import sys

RATE = 1.5


def store(path: str) -> None:
    """Store jobs: a function by source, and what to call it with."""
    from sourcepickle import portable

    def priced(step: int):
        return lambda count: step + RATE * count

    jobs = [(portable(priced(10)), 4), (portable(lambda text: text.upper()), "tea")]
    with sqlite3.connect(path) as database:
        database.execute("create table if not exists job (job blob)")
        database.executemany(
            "insert into job values (?)", [(pickle.dumps(job, 4),) for job in jobs]
        )


def run(path: str) -> None:
    """Run the jobs and print their results."""
    with sqlite3.connect(path) as database:
        for (job,) in database.execute("select job from job order by rowid"):
            function, argument = pickle.loads(job)
            print(function(argument))


if __name__ == "__main__":
    {"store": store, "run": run}[sys.argv[1]](sys.argv[2])
