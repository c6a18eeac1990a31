"""What `stream` is made of: a simulation too large for memory, cut into parts that any process can make alone.

Luck is keyed (`noise`), so nobody needs to hand data to anybody. A part is a range of people, and whoever has the
world and the seed as plain data (`recipe`) can make it (`part`): this process, another one, or another machine
(`workers`). What a folder holds, and how far it has come, stands in its manifest (`folder`).
"""
