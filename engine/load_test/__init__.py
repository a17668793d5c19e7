"""A database of a chosen size, filled with invented cases, and how long what people do takes on it."""
