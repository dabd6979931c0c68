"""One page a phase, under the phase's name."""
