"""HTTP: routes, schemas, who may ask, how much, and from where."""
