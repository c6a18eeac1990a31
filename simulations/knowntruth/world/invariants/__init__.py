"""Laws: what must hold in every world, a reader's own included, for its truth to be believed.

A world's truth comes from replaying the same people with the same luck. That is the truth only if the world keeps
some laws: a person who is given what they had anyway fares as they did, an intervention moves what lies downstream
and nothing else, the same seed gives the same bytes in any order, the chances that are exported are those that the
draws follow, and the graph says what the code does. Each law asks one question, puts it to the world itself, and
can be broken by a mechanism of your own that draws luck elsewhere, looks at other people, or exports a wrong chance::

    from knowntruth.world.invariants import frame, run
    frame(run(load("published")))

`law` says what an answer is, `trial` what is simulated for all laws together, `suite` asks them all; the rest is one
law, or a few of one kind, a module. Laws put a world's own interventions aside: they intervene themselves.
"""

from knowntruth.world.invariants.invariant import Invariant
from knowntruth.world.invariants.suite import frame, run

__all__ = ["Invariant", "frame", "run"]
