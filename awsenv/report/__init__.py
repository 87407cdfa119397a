"""What several commands show: tables, hidden secrets, listings of profiles and of the session cache."""
