"""Pure functions of counts and arrays: what a score is, exactly."""
