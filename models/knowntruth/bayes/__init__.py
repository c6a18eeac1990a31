"""Bayesian models of what expertise does, fitted to compressed data and read in the units of the truth.

One model a file (`models` lists them):

====================  =============================================================================================
`activity`            actions per prompt; users differ
`verified`            verified success
`joint`               both, with users' traits that are correlated
`measurement`         both, with the rating as a noisy, possibly halo-tainted measurement of expertise
`bias`                both, with priors on a hidden cause of expertise and outcomes
====================  =============================================================================================

Each reduces the rows to what its likelihood needs without loss (`cells`, `gaussian`, `binomial`, `traits`,
`misclassified`), so that the cost of a step grows with the study as little as the family allows; declares a PyMC
model over that (`structure`: monotone effects of five levels that vary by occupation, groups pooled within each
covariate); and returns an ArviZ DataTree. From that tree alone, and no file,

    tree = fit("joint", observed, load("weak"), seed=1)
    recovery.effects(tree)            # the effect of each level, by standardisation, as ratio or difference
    recovery.effects_by(tree, "user_occupation")    # does the pattern hold across occupations?
    diagnostics.diagnostics(tree)     # may the draws be trusted? (`fit` raises if not)
    predictive.predictive(tree)       # does the model make sessions like those it was fitted to?
    sensitivity.sensitivity(tree)     # which row of the priors moves the answer?
    loo.compare({"a": tree, "b": other})    # which model predicts users whom it has not seen?

What a posterior says is an *adjusted contrast*. It is the causal effect only where the covariates block every back
door and the rating is the expertise, or where the priors of `measurement` and `bias` are right about how they do
not: which is what the workbench is for.
"""
