"""What services there are: declarations, their compiler, their versions, their pages."""
