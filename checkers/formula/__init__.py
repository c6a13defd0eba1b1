"""Reading a student's answer, and judging it: right, right by another convention, or which mistake."""
