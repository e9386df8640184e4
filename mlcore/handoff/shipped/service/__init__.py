"""The model as a service over HTTP: `python -m service` in the folder of the bundle."""
