"""The nouns, their small rules, the ports and the error family; standard library only."""
