"""The bench's case as a Django application."""
