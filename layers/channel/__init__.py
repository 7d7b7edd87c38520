"""Who follows something hears that it has changed, in whichever process; the database says what.

A word that is lost loses nothing: whoever follows has a position and asks for what comes after it.
"""

from layers.channel.announcements import Announcements
from layers.channel.followed import FollowedWorkspaces
from layers.channel.opening import open_channel
from layers.channel.port import Channel

__all__ = ["Announcements", "Channel", "FollowedWorkspaces", "open_channel"]
