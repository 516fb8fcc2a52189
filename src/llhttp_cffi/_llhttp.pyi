# cffi's values have no static types; what leaves this package does.
from typing import Any

ffi: Any
lib: Any
