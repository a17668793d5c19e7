"""`make run`: prepares a clone, starts embedded servers and keeps Pilar's processes running."""
