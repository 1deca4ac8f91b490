"""The hall put together: fleet, workload and policies laid out as the arrays that the engine runs."""
