"""The analyst's causal graph: reading it, its hidden nodes, and d-separation."""
