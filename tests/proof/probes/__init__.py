"""The proof of probes: clients with one defect each and clients without, a strong suite and a weak one."""
