"""Streaming: simulate more sessions than memory holds, in parts that any process can simulate alone.

Noise is keyed (`engine.noise`), so processes exchange no data. A part is a range of people. The world and the seed as
plain data (`recipe`) suffice to simulate it (`part`) in this process, another one, or on another machine (`workers`).
The manifest of the folder records its contents and progress (`folder`).
"""
