"""Its name begins as an allowed one's does."""

from elsewhere import act as run


def act(path):
    run(path)
