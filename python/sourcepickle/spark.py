"""PySpark's worker daemon with picklers by source: ``spark.python.daemon.module``.

A driver that has called :func:`sourcepickle.install` sets that option of Spark's to
``"sourcepickle.spark"``, so that what workers pickle is of the classes that the driver sent.
"""

from __future__ import annotations

from .installing import install

__all__: list[str] = []

if __name__ == "__main__":
    install()
    # Here, for it is there where Spark has started a daemon.
    from pyspark.daemon import manager

    manager()
