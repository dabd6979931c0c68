"""The rules of an exam as values: who may do what at which instant."""
