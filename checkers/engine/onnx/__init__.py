"""The second engine: a `Network` written as an ONNX graph, for ONNX Runtime to run.

    protobuf.py   bytes of a model: the few messages of ONNX that are needed
    graph.py      a graph in the making: nodes, constants, values with their shapes
    windows.py, grid.py, functions.py, norms.py, joining.py, sequences.py, attention.py, local.py,
    operations.py one function a layer class: Keras's meaning in ONNX's operators
    arriving.py   what comes in, in the type that the input has
    building.py   Network + weights → bytes
    coverage.py   what is covered: of each class, and of a network, without its weights

Everything is channels last, as in Keras; the spatial operators are ONNX's channels first, between
two transpositions, of which the runtime cancels neighbouring pairs. NumPy alone is needed here;
neither `onnx` nor a protobuf library (their import costs more than the whole run).
"""
