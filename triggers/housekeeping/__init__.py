"""What is done on the side: deleting what is too old or unused, and what billing asks for.

Each job is a task of its own with threads of its own, done by one scheduler at a time; one that is
slow or fails keeps nothing else from being done.
"""
