"""How a number comes about, step by step, as data; and the same as text, Markdown, LaTeX, JSON."""
