"""What reports on evidence have in common: pages, Markdown, JUnit and JSON, and how they are written to files."""
