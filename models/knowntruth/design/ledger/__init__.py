"""The bias ledger: a published contrast taken apart into the components of its bias and the true effect."""
