"""Forms: one .form file is what the analyst edits, what the page draws and the schema that checks the answers."""
