"""What people touch: the command line, the main job, the pictures and the report.

The workbench sits on top of everything else. It simulates a world, runs each analysis on what the world's
instruments show, lays the answers beside the truth, and writes all of it into one folder:

- `cli` is the grammar of ``knowntruth``; `ends` says how a command ends (0, 1, 2, 130).
- `study` is the main job, one step after the other; `steps` shows how far it is.
- `results` is the value that the steps build up; `folder` writes it.
- `plots` draws it and `report` tells it, in one page that needs nothing else.

Nothing heavy is imported before it is used: ``knowntruth --help`` answers at once.
"""
