"""Practice as a dialogue: what is asked next, what was answered, a sheet that is checked when saved."""
