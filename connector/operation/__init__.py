"""How the world hears of unattended runs: mail, webhook, a folder of reports."""
