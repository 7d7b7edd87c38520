"""The only way out of a sandbox: a broker on the host that checks where each connection goes."""
