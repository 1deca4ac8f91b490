"""From a component that broke to one that may come back: triage, spares, technicians; and work that is planned."""
