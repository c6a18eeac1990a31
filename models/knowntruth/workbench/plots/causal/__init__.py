"""Pictures of graphs and sensitivity."""
