"""`python -m awsenv`: the same door as the console script."""

from awsenv.cli import main

if __name__ == "__main__":
    main()
