"""Carrying out a plan: replicates of sources × strategies, stored, resumed and replayed."""
