"""The whole vocabulary of a function's author. It imports nothing else of ours."""

from layers.contract.calls import CallPage, CallRules, Choice, ExpectedField
from layers.contract.context import (
    Context,
    Cookies,
    FileStore,
    FileWriter,
    HttpClient,
    HttpRequest,
    HttpResponse,
    HttpStream,
    PythonCode,
    PythonSandbox,
    StreamedBody,
)
from layers.contract.credential import (
    ACCOUNT,
    BEARER,
    Accepts,
    CredentialField,
    CredentialType,
    OAuth,
    Probe,
    ProbeContext,
    Signing,
    Slot,
)
from layers.contract.errors import NodeError
from layers.contract.history import History
from layers.contract.item import FileRef, Item, Items, Json, Outputs, combine, files_in_scope
from layers.contract.language_model import (
    LanguageModel,
    ModelAnswer,
    ModelMessage,
    ModelRequest,
    ModelService,
)
from layers.contract.mistakes import refuse
from layers.contract.node import Control, Effect, Join, Node, Outcome, Sample, only
from layers.contract.params import Parameter, Params, Widget
from layers.contract.per_item import PerItem
from layers.contract.suspension import CallWorkflow, Suspension, WaitForCallback, WaitUntil
from layers.contract.template import Expression, Template, TemplateCompiler
from layers.contract.trigger import Event, Poll, Source, Trigger, TriggerContext

__all__ = [
    "ACCOUNT",
    "BEARER",
    "Accepts",
    "CallPage",
    "CallRules",
    "CallWorkflow",
    "Choice",
    "Context",
    "Control",
    "Cookies",
    "CredentialField",
    "CredentialType",
    "Effect",
    "Event",
    "ExpectedField",
    "Expression",
    "FileRef",
    "FileStore",
    "FileWriter",
    "History",
    "HttpClient",
    "HttpRequest",
    "HttpResponse",
    "HttpStream",
    "Item",
    "Items",
    "Join",
    "Json",
    "LanguageModel",
    "ModelAnswer",
    "ModelMessage",
    "ModelRequest",
    "ModelService",
    "Node",
    "NodeError",
    "OAuth",
    "Outcome",
    "Outputs",
    "Parameter",
    "Params",
    "PerItem",
    "Poll",
    "Probe",
    "ProbeContext",
    "PythonCode",
    "PythonSandbox",
    "Sample",
    "Signing",
    "Slot",
    "Source",
    "StreamedBody",
    "Suspension",
    "Template",
    "TemplateCompiler",
    "Trigger",
    "TriggerContext",
    "WaitForCallback",
    "WaitUntil",
    "Widget",
    "combine",
    "files_in_scope",
    "only",
    "refuse",
]
