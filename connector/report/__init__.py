"""Plans, alignments and runs as text, tables, CSV, JSON, HTML and XLSX."""
