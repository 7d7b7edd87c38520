"""The addresses that end waits, signed so that nobody can make one up."""

from __future__ import annotations

from layers.vault.vault import Vault

PURPOSE = "callback"


class CallbackLinks:
    """Makes the addresses, and tells genuine ones."""

    def __init__(self, vault: Vault, hooks_url: str) -> None:
        self._vault = vault
        self._hooks_url = hooks_url

    def url(self, execution_id: str, node_id: str | None = None, run: int = 0) -> str:
        """The address that ends one wait: of this node, at its activation number ``run``.

        Without a node it is the execution's own, for whatever waits then.
        """
        wait = _wait(execution_id, node_id, run)
        return f"{self._hooks_url}/callbacks/{wait}/{self._vault.sign(PURPOSE, wait)}"

    def is_genuine(
        self, execution_id: str, token: str, node_id: str | None = None, run: int = 0
    ) -> bool:
        """Say whether an address with this token is one of ours."""
        return self._vault.verify(PURPOSE, _wait(execution_id, node_id, run), token)


def _wait(execution_id: str, node_id: str | None, run: int) -> str:
    return execution_id if node_id is None else f"{execution_id}/{node_id}/{run}"
