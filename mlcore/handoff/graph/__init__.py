"""A stored model drawn as one ONNX graph, held to the model it was drawn from before anyone may use it.

Every step is drawn by ourselves from what the fitted step learned, in 64 bits. The converters that exist were measured
to be silently wrong on trees with native gaps and on thresholds between 32-bit numbers; drawn this way no threshold is
rounded, and a gap goes the way that the tree was told.
"""
