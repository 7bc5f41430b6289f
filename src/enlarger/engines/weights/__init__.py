"""The networks' weights: the packages that hold them, where they are on this machine, and how they get there."""
