"""Who the system says is at the keyboard: what a typed name is held against."""

import os
from functools import cache


@cache
def system_user() -> str:
    """The system's own name for the user of this process, else the number; no variable is believed."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):  # a container's user often has no name
        return str(os.getuid()) if hasattr(os, "getuid") else ""
