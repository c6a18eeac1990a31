"""From observed rows to what a model is fitted to: coded columns, cells with sufficient statistics, outcomes."""
