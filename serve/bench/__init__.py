"""What `tidegate bench` measures: data by path, counts with intervals, others beside us on the same rows."""
