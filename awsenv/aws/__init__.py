"""What is known of AWS's files and identifiers; it reads them and connects to nothing."""
