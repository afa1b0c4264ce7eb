"""What fieldwork keeps: waves and units, invitations, answers with their log, mail.

Addresses (`Invitation`, `Message`) and answers lie in tables of their own, joined by the unit alone.
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
from barograph.collect.models.mail import Message
from barograph.collect.models.people import Code, Invitation, Refusal, Role
from barograph.collect.models.waves import Form, Unit, Wave

__all__ = [
    "Answer",
    "Assignment",
    "Change",
    "Code",
    "Form",
    "Invitation",
    "Message",
    "Paradata",
    "Prefill",
    "Refusal",
    "Response",
    "Role",
    "Save",
    "Signature",
    "Status",
    "Unit",
    "Upload",
    "Wave",
]
