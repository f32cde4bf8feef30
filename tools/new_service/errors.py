"""Why no service was written; the message is the sentence for whoever asked."""


class NotWritten(ValueError):
    """A name that cannot be, or a place that does not look as it should; `git status` shows what was written before."""
