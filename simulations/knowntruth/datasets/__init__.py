"""What a dataset is: its columns, its estimands, and its files.

This package is the common ground of the two sides of the workbench. It knows nothing of how data are made
(``world``, ``instruments``) nor of how they are analysed (``study``, ``bayes``, ``causal``): it only says
what a column means (`schema`), which quantities of interest there are (`estimands`), and how tables are read
and written so that a file is either whole or absent (`files`, `readers`, `schema_check`).
"""
