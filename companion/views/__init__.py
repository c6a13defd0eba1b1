"""Records drawn for people: terminal, HTML, Markdown, JSON."""
