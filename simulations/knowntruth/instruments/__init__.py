"""The instruments: how a study sees sessions whose truth it cannot see.

One file an instrument. Each is a mechanism like any other, with the truth among its parents only so far as it can
read it, and each can be switched to ``perfect``. `reading` is what all raters share: one truncated text and one mood.
"""
