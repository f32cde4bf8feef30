"""What a command says when it cannot do its work."""


class Failed(Exception):
    """The command did not do what it was asked to; its text is the sentence for whoever typed it."""
