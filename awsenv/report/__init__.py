"""What several commands show: tables, masked values, the profiles, the session cache."""
