"""Bayesian models of the effect of expertise, fitted to compressed data; effects come in the units of the truth.

One model per file (`models.registry` lists them):

=====================  ============================================================================================
`activity`             actions per prompt; users differ
`verified_success`     verified success
`joint`                both, with correlated user effects
`measurement`          both, with the rating as a noisy measurement of expertise, possibly with halo
`hidden_confounder`    both, with priors on a hidden cause of expertise and outcomes
=====================  ============================================================================================

Each reduces the rows without loss to what its likelihood needs (`cells`, `gaussian`, `binomial`, `user_effects`,
`misclassification`), so that the cost of a step grows with the study as little as the family allows. Each declares a
PyMC model over that (`linear_predictor`: monotone effects of five levels that vary by occupation, groups pooled
within each covariate) and returns an ArviZ DataTree. All else follows from that tree, without any file:

    tree = fit("joint", observed, load("weak"), seed=1)
    effects.effects(tree)            # the effect of each level, by standardisation, as ratio or difference
    effects.effects_by(tree, "user_occupation")    # does the pattern hold across occupations?
    diagnostics.diagnostics(tree)    # may the draws be trusted? (`fit` raises if not)
    posterior_predictive.predictive(tree)       # does the model simulate sessions like those it was fitted to?
    prior_sensitivity.sensitivity(tree)         # which row of the priors affects the answer?
    loo.compare({"a": tree, "b": other})        # which model predicts users whom it has not seen?

What a posterior gives is an *adjusted contrast*. It is the causal effect only where the covariates block every back
door and the rating is the expertise, or where the priors of `measurement` and `hidden_confounder` are right about how
they do not: which is what the workbench is for.
"""
