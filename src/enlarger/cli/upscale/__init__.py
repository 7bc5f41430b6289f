"""`enlarger upscale`: a batch of pictures, each a task, with one bar for all of them."""
