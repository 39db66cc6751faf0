"""The instructor's side: release, judge, sandbox, gradebook, report."""
