"""The desk: pages for staff, one file a page; what they do lies in the plain modules of the room."""
