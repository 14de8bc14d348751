"""`gallra fleet`: many shops by several workers, from one queue in PostgreSQL.

The table of shops says when each is due; the queue only carries what is due to a worker. What lies in the
queue can be lost and is put there again; what the table says cannot be wrong for longer than a run.
"""
