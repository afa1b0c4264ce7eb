"""What the database itself refuses: to change logs, questionnaires, or what is practice.

One door: while an erasure is open, personal data may leave the log of answers.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor

ERASABLE = ("collect_save", "collect_change", "collect_signature")
FIXED = ("collect_transition", "collect_freeze", "collect_decision", "accounts_event")
ERASING = "EXISTS (SELECT 1 FROM collect_erasure WHERE closed IS NULL)"
# Table, act, column, and whether an open erasure allows it.
FORBIDDEN = (
    *((table, act, "", True) for table in ERASABLE for act in ("UPDATE", "DELETE")),
    *((table, act, "", False) for table in FIXED for act in ("UPDATE", "DELETE")),
    ("collect_form", "UPDATE", "", False),
    ("collect_wave", "UPDATE", "practice", False),
)
SQLITE = """
CREATE TRIGGER {table}_{act} BEFORE {act}{of} ON {table}{when}
BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END
"""
POSTGRESQL = """
CREATE TRIGGER {table}_{act} BEFORE {act}{of} ON {table}
FOR EACH ROW{when} EXECUTE FUNCTION {function}()
"""
REFUSE = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF {allowed} THEN RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END; END IF;
  RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = '23001';
END $$
"""
FUNCTIONS = {"collect_refuse": "false", "collect_refuse_unless_erasing": ERASING}


def guard(apps: Apps, editor: Editor) -> None:
    """Sets the triggers."""
    sqlite = editor.connection.vendor == "sqlite"
    if not sqlite:
        for function, allowed in FUNCTIONS.items():
            editor.execute(REFUSE.format(function=function, allowed=allowed), None)
    differs = "IS NOT" if sqlite else "IS DISTINCT FROM"
    for table, act, column, erasable in FORBIDDEN:
        when = f" WHEN (OLD.{column} {differs} NEW.{column})" if column else ""
        if sqlite and erasable:
            when = f" WHEN NOT {ERASING}"
        template = SQLITE if sqlite else POSTGRESQL
        function = "collect_refuse_unless_erasing" if erasable else "collect_refuse"
        of = f" OF {column}" if column else ""
        editor.execute(template.format(table=table, act=act, of=of, when=when, function=function))


def unguard(apps: Apps, editor: Editor) -> None:
    """Takes them away."""
    on = editor.connection.vendor != "sqlite"
    for table, act, _, _ in FORBIDDEN:
        editor.execute(f"DROP TRIGGER {table}_{act}" + (f" ON {table}" if on else ""))
    for function in FUNCTIONS if on else ():
        editor.execute(f"DROP FUNCTION {function}")


class Migration(migrations.Migration):
    """Triggers on both databases."""

    dependencies = [("collect", "0001_initial"), ("accounts", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
