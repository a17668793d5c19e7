"""Numbers for monitoring. Imports nothing: who shares the folder of the numbers must say so before they are made."""
