"""What the tests share: programs, homes, clocks, STS, shells and a terminal. Test files import from here, never from each other."""
