"""The tables, one a file."""

from layers.database.models.api_keys import ApiKey
from layers.database.models.artifact_refs import ArtifactRef
from layers.database.models.audit_log import AuditEntry
from layers.database.models.base import Base, TenantBase
from layers.database.models.billing_accounts import BillingAccount
from layers.database.models.billing_alerts import BillingAlert
from layers.database.models.budgets import Budget
from layers.database.models.callbacks import Callback
from layers.database.models.checkouts import CheckoutRow
from layers.database.models.credentials import Credential
from layers.database.models.credit_notes import CreditNote
from layers.database.models.credits import CreditGrant, CreditUse
from layers.database.models.event_keys import EventKey
from layers.database.models.events import Event
from layers.database.models.executions import FINAL, Execution, ExecutionStatus
from layers.database.models.housekeeping_jobs import HousekeepingJob
from layers.database.models.instance_alerts import InstanceAlert
from layers.database.models.instance_facts import InstanceFact
from layers.database.models.instance_totals import InstanceTotal
from layers.database.models.invitations import Invitation
from layers.database.models.invoices import Invoice
from layers.database.models.memberships import Membership, Role
from layers.database.models.node_history import NodeHistory
from layers.database.models.oauth_attempts import OAuthAttempt
from layers.database.models.overage import (
    BillingTerms,
    InvoiceItem,
    OverageTotal,
    UsageOverage,
)
from layers.database.models.payments import Payment, Refund
from layers.database.models.plan_overrides import PlanOverride
from layers.database.models.plan_versions import PlanVersion
from layers.database.models.sessions import Session
from layers.database.models.step_logs import StepLog
from layers.database.models.step_parts import StepPart
from layers.database.models.steps import Step, StepStatus
from layers.database.models.stored_sizes import (
    ExecutionSize,
    ExecutionSizeTotal,
    StoredSize,
)
from layers.database.models.stripe_events import StripeEvent
from layers.database.models.stripe_requests import StripeRequest
from layers.database.models.subscription_changes import SubscriptionChange
from layers.database.models.surplus_subscriptions import SurplusSubscription
from layers.database.models.throttles import Throttle
from layers.database.models.trials_taken import TrialTaken
from layers.database.models.trigger_acquisitions import TriggerAcquisition
from layers.database.models.triggers import Trigger, TriggerState
from layers.database.models.usage import (
    UsageCounter,
    UsageHour,
    UsagePush,
    UsageReservation,
    UsageRow,
)
from layers.database.models.users import User
from layers.database.models.variables import Variable
from layers.database.models.webhook_paths import WebhookPath
from layers.database.models.workflow_drafts import WorkflowDraft
from layers.database.models.workflow_version_locks import WorkflowVersionLock
from layers.database.models.workflows import Workflow, WorkflowVersion
from layers.database.models.workspace_package_policies import WorkspacePackagePolicy
from layers.database.models.workspaces import Workspace

__all__ = [
    "ArtifactRef",
    "FINAL",
    "TrialTaken",
    "SurplusSubscription",
    "CheckoutRow",
    "StripeRequest",
    "ApiKey",
    "AuditEntry",
    "Base",
    "BillingAccount",
    "BillingAlert",
    "BillingTerms",
    "Budget",
    "Callback",
    "Credential",
    "CreditGrant",
    "CreditNote",
    "CreditUse",
    "Event",
    "EventKey",
    "Execution",
    "ExecutionSize",
    "ExecutionSizeTotal",
    "ExecutionStatus",
    "HousekeepingJob",
    "InstanceAlert",
    "InstanceFact",
    "InstanceTotal",
    "Invitation",
    "Invoice",
    "InvoiceItem",
    "Membership",
    "NodeHistory",
    "OAuthAttempt",
    "Payment",
    "OverageTotal",
    "PlanOverride",
    "PlanVersion",
    "Refund",
    "Role",
    "Session",
    "Step",
    "StepLog",
    "StepPart",
    "StepStatus",
    "StoredSize",
    "StripeEvent",
    "SubscriptionChange",
    "TenantBase",
    "Throttle",
    "Trigger",
    "TriggerAcquisition",
    "TriggerState",
    "UsageCounter",
    "UsageHour",
    "UsageOverage",
    "UsagePush",
    "UsageReservation",
    "UsageRow",
    "User",
    "Variable",
    "WebhookPath",
    "Workflow",
    "WorkflowDraft",
    "WorkflowVersion",
    "WorkflowVersionLock",
    "Workspace",
    "WorkspacePackagePolicy",
]
