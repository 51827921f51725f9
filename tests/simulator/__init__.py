"""The simulator's tests; a package, so that their names may repeat those of other folders."""
