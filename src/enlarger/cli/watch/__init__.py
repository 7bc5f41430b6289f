"""`enlarger watch`: enlarges what appears in a folder, with the batch of `enlarger upscale`."""
