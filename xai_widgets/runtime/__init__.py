"""The worker behind the labs: newest request wins, with cancel, progress, partial answers and a bounded cache."""
