"""Who follows an execution hears that it has changed, in whichever process; the database says what.

A word that is lost loses nothing: whoever follows has a position and asks for what comes after it.
"""

from layers.channel.opening import open_channel
from layers.channel.port import Channel

__all__ = ["Channel", "open_channel"]
