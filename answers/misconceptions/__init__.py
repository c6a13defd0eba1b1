"""The usual slips of people who count by hand, and the rules that recognise them in a number."""
