"""Which packages the Python steps of a workspace may bring."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import Field, StringConstraints

from functions.http.access import parts_of, require
from functions.http.billing.plan_checks import check_feature
from functions.http.endpoint import group
from functions.http.shapes import In, Out
from layers.database.repositories.package_policies import PackagePolicies
from layers.identity import Caller, Permission
from layers.identity.audit import record
from layers.packages.policies import Policies
from layers.packages.policy import LONGEST_NAME, MOST_NAMES, PackagePolicy

router = group("package-policy", "/package-policy")

PackageName = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
LowestVersion = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]


class PackagePolicyIn(In):
    """A package policy. Names are compared as the index compares them: `A_b` is `a-b`."""

    allow: list[PackageName] | None = Field(
        default=None,
        max_length=MOST_NAMES,
        description="The only packages allowed, those that others bring along included; "
        "null for all that `deny` does not name.",
        examples=[["requests", "certifi", "charset-normalizer", "idna", "urllib3"]],
    )
    deny: list[PackageName] = Field(
        default=[],
        max_length=MOST_NAMES,
        description="Packages that may not come at all, not even with others.",
        examples=[["pyautogui"]],
    )
    floors: dict[PackageName, LowestVersion] = Field(
        default={},
        max_length=MOST_NAMES,
        description="The lowest version that is allowed, by name.",
        examples=[{"urllib3": "2.2"}],
    )
    source_builds: bool = Field(
        default=False,
        description="Whether packages without a wheel may be built, if the instance allows it too.",
    )


class PackageRules(Out):
    """A package policy as it is in force, names normalised."""

    allow: list[str] | None
    deny: list[str]
    floors: dict[str, str]
    source_builds: bool


class PackagePolicyOut(PackageRules):
    """The workspace's own policy, and what the instance adds to it."""

    instance: PackageRules = Field(description="What the instance asks of all workspaces.")
    effective: PackageRules = Field(description="Both together: the stricter rule of each.")

    @classmethod
    def of(cls, policies: Policies) -> PackagePolicyOut:
        """Both policies as they go out."""
        return cls(
            **policies.workspace.as_json(),
            instance=PackageRules(**policies.instance.as_json()),
            effective=PackageRules(**policies.merged.as_json()),
        )


@router.get("")
def read_package_policy(
    request: Request, caller: Annotated[Caller, require(Permission.PACKAGE_POLICY_READ)]
) -> PackagePolicyOut:
    """Read which packages the workspace's Python steps may bring."""
    return PackagePolicyOut.of(policies_of(request, caller))


@router.put("")
def update_package_policy(
    body: PackagePolicyIn,
    request: Request,
    caller: Annotated[Caller, require(Permission.PACKAGE_POLICY_WRITE)],
) -> PackagePolicyOut:
    """Set it. It is held against every run from now on, published versions included."""
    parts = parts_of(request)
    policy = PackagePolicy.from_json(body.model_dump())
    with parts.database.write() as session:
        check_feature(parts, session, caller.workspace_id, "package_policy")
        PackagePolicies(session, caller.workspace_id).put(policy, parts.clock.now())
        target = f"workspace:{caller.workspace_id}"
        action = "package_policy.updated"
        record(session, caller.workspace_id, caller.actor, action, target, policy.as_json())
    return PackagePolicyOut.of(Policies(parts.settings.packages, policy))


def policies_of(request: Request, caller: Caller) -> Policies:
    """The policies that hold for a caller's code at this moment; asks the database."""
    return parts_of(request).engine.services.policies.fresh(caller.workspace_id)
