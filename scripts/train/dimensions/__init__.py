"""The makers of the classroom items, one for each dimension: make(rng) gives the body of its items.json."""
