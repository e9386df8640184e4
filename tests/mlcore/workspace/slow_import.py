"""Takes as long to import as large libraries do."""

import time

time.sleep(30)
