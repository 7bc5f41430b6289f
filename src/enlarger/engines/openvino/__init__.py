"""Networks on this machine's CPU by OpenVINO, in 32-bit or, where the CPU has it, in brain floats."""
