"""The bias ledger: a published contrast decomposed into the components of its bias and the true effect."""
