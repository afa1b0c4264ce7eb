"""What fieldwork keeps: waves and units, contacts and invitations, answers with their log, mail, jobs.

Addresses (`Contact`, `Invitation`, `Message`) and answers lie in tables of their own, joined by the unit alone.
"""

from barograph.collect.models.answers import (
    Answer,
    Assignment,
    Change,
    Paradata,
    Prefill,
    Response,
    Save,
    Signature,
    Status,
    Upload,
)
from barograph.collect.models.jobs import Beat, Erasure, Job
from barograph.collect.models.mail import FAILED, Mailing, Message
from barograph.collect.models.people import Call, Code, Contact, Invitation, Mode, OptOut, Role
from barograph.collect.models.waves import Decision, Form, Freeze, Transition, Unit, Wave

__all__ = [
    "FAILED",
    "Answer",
    "Assignment",
    "Beat",
    "Call",
    "Change",
    "Code",
    "Contact",
    "Decision",
    "Erasure",
    "Form",
    "Freeze",
    "Invitation",
    "Job",
    "Mailing",
    "Message",
    "Mode",
    "OptOut",
    "Paradata",
    "Prefill",
    "Response",
    "Role",
    "Save",
    "Signature",
    "Status",
    "Transition",
    "Unit",
    "Upload",
    "Wave",
]
