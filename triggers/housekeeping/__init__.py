"""What is done on the side: deleting what is too old or unused, and what billing asks for."""
