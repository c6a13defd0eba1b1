"""From predictions to counts: which output answers, what it means, and what was found."""
