"""Running Markdown fixtures: the format, the log, and what can be put to the test."""
