"""Causal checks of an observational study: identify, estimate, refute, and ask how sensitive the answer is.

The four steps are DoWhy's, and DoWhy does them where it is right. Each module is one idea:

- `graph_sources`, `graph_text`: graphs from GML, DOT, dagitty, JSON and networkx;
- `graph`: the causal graph as data; labels that stand in for what they measure; pruning and projection;
- `separation`: what a graph implies about adjustment, front doors, instruments and hidden common causes;
- `identify`: can the effect be had from what is observed, and if not, which hidden cause is to blame;
- `routes`: every way to an effect side by side, from `adjustment`, `instruments`, `mediation` and `general_id`, each
  with its `expression`; `controls`: what each variable that an analyst would hold does;
- `oracle`: small worlds whose every probability is known, against which each of these is held;
- `falsify`: the graph itself on trial;
- `compress`: hundreds of dummy variables in two columns, without changing the regression by a digit;
- `estimate`: the effect, with intervals that know that one user holds many sessions;
- `weighting`, `detours`: other estimators, by weights, instrument and front door;
- `refute`, `resample`: tests that a sound estimate should pass, each with its null, rule and false-alarm rate;
- `overrule`: rules for who has a counterpart in the other group and who has none;
- `sensitivity`, `contour`, `learned`: how strong a hidden cause would have to be, with straight lines and without;
- `check`: the one row that every result becomes; `run`: all of it on one table of sessions.

A check that passes is no proof. Shuffling the treatment, adding a random cause and taking subsets look at the
estimator, not at the world: a strong hidden cause passes all three, and the tests of this package show it.
"""
