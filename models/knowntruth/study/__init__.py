"""The published analysis: what the study printed, and the same tables from any observed rows.

Read in this order. `figures` holds every published number with its role: fitted (``calibrate``), kept back
(``validate``) or for orientation (``context``). One module a published table or figure (`table_a1`, `figure_3`
and so on) computes its twin from observed rows, and `tables` lists them. `compare` lays the twins beside the
published numbers. `claims` takes the headline claims and answers each three times: published, seen in these
data, true in the world that made them.

Nothing here knows how data are made, so a company's own logs work as well as a simulation.
"""
