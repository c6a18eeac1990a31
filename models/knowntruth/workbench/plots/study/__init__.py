"""Pictures of the study's tables and claims."""
