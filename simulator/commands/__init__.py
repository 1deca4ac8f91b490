"""The verbs of the command line, one module each. Such a module imports click and nothing heavy at its top."""
