"""The TrackOne user store on SQL, with its record of runs, its run lock and the key that signs plans."""
