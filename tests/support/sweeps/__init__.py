"""Small sweeps, and the numbers of a made-up one."""
