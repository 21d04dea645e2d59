"""Questions over many decisions of one case: sweeps, what is nearest, interviews. All rest on `probe`."""
