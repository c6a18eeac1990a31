"""The instruments: how a study sees sessions whose truth it cannot see.

Each instrument is a mechanism. Its parents include true variables only as far as the instrument can read them. Each
has the flag ``perfect``. `reading` holds what all raters share: the truncated text and a common mood.
"""
