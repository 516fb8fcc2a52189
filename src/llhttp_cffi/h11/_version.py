"""The version of h11 whose interface this is."""

__all__ = ["PRODUCT_ID", "__version__"]

__version__ = "0.16.0"

PRODUCT_ID = "python-h11/" + __version__
