"""Drawn rooms: an SVG picture for every style, put together from parts that are named in `styles.yaml`."""
