"""What people use: the command line, the jobs behind it, the panel, the pictures and the report.

The workbench sits on top of everything else. It simulates a world, runs each analysis on what the world's instruments
show, compares the answers with the truth, and writes all of it into one folder.

- `cli` is the command line; `commands` has one file per command, and `jobs` what each command does, under the same
  path. `terminal` has the shared options, the progress display and the exit codes.
- `jobs.study` is the main job; `results` holds its value, `report` writes the folder and the report, `plots` draws.
- `panel` shows a study's threats as dials, in a notebook or a browser.
- `api` is behind `knowntruth.api`; `output` formats numbers, tables and pages.

Heavy libraries are imported where they are used: ``knowntruth --help`` answers at once.
"""
