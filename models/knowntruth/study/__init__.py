"""The published analysis: the numbers that the study printed, and the same tables computed from any observed rows.

Read in this order. `figures` holds every published number with its role: fitted (``calibrate``), held out
(``validate``) or for orientation (``context``). `tables` has one module for each published table or figure
(`table_a1`, `figure_3` and so on), which computes the same numbers from observed rows. `compare` compares them with
the published numbers. `claims` gives three answers to each headline claim: published, seen in these data, and true
in the world that generated them.

Nothing here depends on how the data were generated, so a company's own logs work as well as a simulation.
"""
