"""The error for bad input. The command line shows its message without a traceback."""


class InputError(ValueError):
    """Bad input: the message states what was given, what is allowed, and what to do.

    Every public function raises this, and nothing else, for input that a user can correct; the command line
    prints its message and exits with code 2.

    Examples
    --------
    >>> from knowntruth.datasets.schema.estimands import estimand
    >>> try:
    ...     estimand("activty_ratio")
    ... except InputError as error:
    ...     print(str(error)[-32:])
    ; did you mean 'activity_ratio'?
    """
