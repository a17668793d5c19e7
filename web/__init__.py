"""The pages: a Flask application over the engine's commands and queries."""
