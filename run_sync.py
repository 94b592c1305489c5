"""The front door: hands over to the verbs."""

import sys

from commands import main

if __name__ == "__main__":
    sys.exit(main())
