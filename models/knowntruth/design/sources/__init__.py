"""Where the rows of a replicate come from: a world, a two-arm experiment, or your own source."""
