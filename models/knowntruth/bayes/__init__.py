"""Bayesian models of what expertise does, fitted to compressed data and read in the units of the truth.

One model a file: `activity` (actions per prompt) and `verified` (verified success). Each reduces the rows to
sufficient statistics that lose nothing (`gaussian`, `binomial`), so that 400,000 sessions sample as fast as 5,000;
declares a PyMC model over them (`structure`: a monotone effect of five levels, groups pooled within each
covariate); and returns an ArviZ DataTree. From that tree alone, and no rows,

    tree = activity.fit(observed, load("weak"), seed=1)
    recovery.effects(tree)            # the effect of each level, by standardisation, as ratio or difference
    diagnostics.diagnostics(tree)     # may the draws be trusted?
    predictive.predictive(tree)       # does the model make sessions like those it was fitted to?

What a posterior says is an *adjusted contrast*. It is the causal effect only where the covariates block every back
door and the rating is the expertise: in most worlds it is not, which is what the workbench is for.
"""
