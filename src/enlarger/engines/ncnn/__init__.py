"""Networks by ncnn: on the CPU, or on any GPU that Vulkan knows."""
