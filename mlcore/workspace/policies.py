"""The policies of a workspace's models: what is done with what they say. Stored whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mlcore import files, records
from mlcore.errors import UserError
from mlcore.evaluation.policy import FILE, Policy
from mlcore.workspace import places
from mlcore.workspace.runs import Bundle, Runs


class Policies(Runs):
    """Policies by run and model; every way to score obeys the one that is stored."""

    def policy(self, run: str, key: str) -> Policy:
        """The policy of a model; at first its threshold alone."""
        from mlcore.learning import ruling

        return ruling.read(self._scored(run, key))

    def save_policy(self, run: str, key: str, policy: Policy) -> Policy:
        """Store what is to be done with what a model says; what was stored. `UserError` when it cannot be meant."""
        from mlcore.learning import ruling

        folder, plan = self._scored(run, key), self.plan(run)
        made = ruling.fitted(policy, folder, plan.schema if plan.inputs is None else plan.inputs)
        records.write(folder / FILE, made)
        return made

    def forget_policy(self, run: str, key: str) -> None:
        """Go back to what the model was made with."""
        (self._scored(run, key) / FILE).unlink(missing_ok=True)

    def policy_mark(self, run: str, key: str) -> str:
        """Another text whenever another policy is stored; "" where the model has none of its own."""
        return mark(self._scored(run, key))

    def stale(self, bundle: Bundle) -> bool:
        """Whether the policy of a bundle's model is another one than it was handed over with."""
        told = bundle.proof.get("policy")
        if told is None:  # made before bundles told it: then there was no policy to save
            return bool(self.policy_mark(bundle.run, bundle.model))
        now = records.readable(records.to_json(self.policy(bundle.run, bundle.model))) + "\n"
        return bool(hashlib.sha256(now.encode()).hexdigest() != told)

    def cases_place(self, run: str, key: str) -> Path:
        """Where lies what decisions about a model are found on, for `evaluation.cases.read`."""
        return places.run_folder(self.home, run) / "cases" / places.checked_key(key)

    def _scored(self, run: str, key: str) -> Path:
        folder = places.model_folder(self.home, run, key)
        if not (folder / "scoring.json").is_file():
            raise UserError("This model is not there (any more)", remedy="Choose one that finished training.")
        return folder


def mark(folder: Path) -> str:
    """Of the model in this folder; as `Policies.policy_mark`."""
    path = folder / FILE
    return files.sha256(path) if path.is_file() else ""
