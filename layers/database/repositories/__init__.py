"""Questions to the tables. What belongs to a workspace is asked through a scope, so that no
query can forget it. Repositories flush; whoever opened the session commits."""
