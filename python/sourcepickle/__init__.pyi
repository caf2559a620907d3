from pickle import load as load
from pickle import loads as loads

from cloudpickle import *  # noqa: F403
from cloudpickle import register_pickle_by_value as register_pickle_by_value
from cloudpickle import unregister_pickle_by_value as unregister_pickle_by_value

from ._native import getsource as getsource
from .errors import NotImportableError as NotImportableError
from .errors import NotPortableError as NotPortableError
from .errors import PickleByReferenceError as PickleByReferenceError
from .errors import SourceMismatchError as SourceMismatchError
from .errors import SourceNotFoundError as SourceNotFoundError
from .errors import TargetVersionError as TargetVersionError
from .pickler import CloudPickler as CloudPickler
from .pickler import Pickler as Pickler
from .pickler import dump as dump
from .pickler import dumps as dumps
from .planning import Item as Item
from .planning import Plan as Plan
from .planning import plan as plan
from .rebuild import SourceDamagedError as SourceDamagedError
from .rebuild import SourceVersionError as SourceVersionError
from .versions import minimum_version as minimum_version

__version__: str
