"""Causal checks of an observational study: identify, estimate, refute, and ask how sensitive the answer is.

The four steps are DoWhy's, and DoWhy computes them where it is right. Each folder is one step:

- `graphs`: reads a causal graph (GML, DOT, dagitty, JSON, networkx), projects out its hidden nodes, d-separation;
- `identification`: is the effect identified from what is observed? Adjustment sets, instruments, front door,
  mediation, and the ID algorithm; `controls` says what holding a variable does, `exact_worlds` are small worlds whose
  every probability is known, on which all of these are tested;
- `estimation`: the regression on hundreds of dummy variables, partialled out without loss, with intervals clustered
  by user; weighting;
- `refutation`: tests that a sound estimate should pass, one refuter per file, each with its null hypothesis, rule and
  false-alarm rate; and tests of the graph against the rows;
- `sensitivity`: how strong a hidden cause would have to be, in a linear model and without one; overlap;
- `checks`: the steps in their order. Each result is a `check.Check`, one row of one table.

`dowhy_guard` keeps DoWhy's seeds, warnings and output away from everything else.

A check that passes is no proof. Shuffling the treatment, adding a random cause and taking subsets test the estimator,
not the world: a strong hidden cause passes all three, and the tests of this package show it.
"""
