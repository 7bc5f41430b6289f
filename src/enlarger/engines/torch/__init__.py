"""Networks run by PyTorch on a GPU: NVIDIA's by CUDA, Apple's by MPS. PyTorch is not installed with Enlarger."""
