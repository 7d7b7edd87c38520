"""What answers HTTP calls: a folder for each part of the API, one group of endpoints a file.

Beside the folders lies what all of them share.
"""
