"""Student and RuleSet to the account wanted, or the reason why not."""
