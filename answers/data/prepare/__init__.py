"""From the raw folder or archive of a homework to folders that a grade and a training read."""
