"""Returns far more than allowed. Contained: the result is refused as too large."""

EXPECT = {"output_too_large", "out_of_memory"}


def run(items):
    return [{"x": "y" * (20 << 20)}]
