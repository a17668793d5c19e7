"""Reads behind pages. Every query takes the actor and answers only what the actor may see."""
