"""Example scenarios; those beside this file come with datahall and are copied by `datahall init --example NAME`."""
