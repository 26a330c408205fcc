"""trackone-connector: keeps TrackOne Studio accounts equal to the school's SIS, usernames to the network logins."""
