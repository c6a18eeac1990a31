"""The one kind of error that is the user's to mend, and that the command line shows without a traceback."""


class InputError(ValueError):
    """Bad input: says what came, what is allowed, and what to do.

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
