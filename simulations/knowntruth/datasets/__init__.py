"""What a dataset is: its columns, its estimands, and its files.

Simulation and analysis share this package. It depends neither on how data are simulated (``world``, ``instruments``)
nor on how they are analysed (``study``, ``bayes``, ``causal``). It defines columns and estimands (`schema`), reads
and writes tables atomically (`storage`), describes them for other tools (`metadata`), and scores estimates
(`scoring`).
"""
