"""The pictures, one per file; `gallery` lists them in the order of the report.

Each file has a function from `Results` to a figure, and one that describes it in words, as
alternative text. `style` has what they share: one colour and one marker for each kind of number.
"""
