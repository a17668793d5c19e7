"""The engine: everything below the pages. No Flask, no Werkzeug below this line."""
