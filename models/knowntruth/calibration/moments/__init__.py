"""The published figures as targets, and their simulated counterparts."""
