"""A module that receivers allow: its own things are harmless, the others are not its own."""

import builtins
import importlib as loaders
import os
import subprocess as tools
from functools import partial, reduce
from importlib import import_module
from os import mkdir, system
from subprocess import call

import elsewhere
from elsewhere import Acts, act
from elsewhere import Base as _Base

run = system
evaluate = eval
create = open


class Base(_Base):
    pass


class Point:
    def __init__(self, x=0, y=0):
        self.x, self.y = x, y

    def __eq__(self, other):
        return vars(self) == vars(other)

    __hash__ = None


class Stateful:
    def __setstate__(self, state):
        self.state = ("restored", state)


class Slotted:
    __slots__ = ("x",)

    def __init__(self, x=0):
        self.x = x


class Bag(dict):
    pass


class Stack(list):
    pass


def double(x):
    return 2 * x


def made(cls, *arguments):
    return cls(*arguments)
