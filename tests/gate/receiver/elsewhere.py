"""What does harm when it is called, in a module that nobody allowed."""


def act(path, *_):
    open(path, "x").close()


class Base:
    pass


class Acts(Base):
    def __new__(cls, path):
        act(path)
        return super().__new__(cls)


class ActsInInit:
    def __init__(self, path):
        act(path)


class ActsWhenFilled:
    def __setstate__(self, path):
        act(path)
