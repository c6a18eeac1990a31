"""Pictures of diagnoses, plans and the bias ledger."""
