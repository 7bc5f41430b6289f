"""A still life, rendered: the path tracer, its textures, the things in the picture, and the film."""
