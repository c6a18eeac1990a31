"""Planning a study: how many sessions, users and audited sessions a strategy needs in a world to reach a target."""
