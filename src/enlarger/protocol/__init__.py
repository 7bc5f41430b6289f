"""The wire format of the KIE jobs API, for the client and the server alike."""
