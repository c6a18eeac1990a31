"""Running a plan: replicates of sources × strategies, stored, resumed and replayed."""
