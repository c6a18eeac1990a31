"""The pictures, one a file; `gallery` lists them in the order of the report.

Each file has a function from `Results` to a figure, and one that says in words what the figure shows, for
those who cannot see it. `style` holds what they share: one colour and one mark for the same thing everywhere.
"""
