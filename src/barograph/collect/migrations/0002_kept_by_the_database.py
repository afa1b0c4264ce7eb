"""What the database itself refuses: to change the log, a questionnaire, or what is practice."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor

APPEND_ONLY = ("save", "change", "signature")
FORBIDDEN = (
    *((table, "UPDATE", "") for table in APPEND_ONLY),
    *((table, "DELETE", "") for table in APPEND_ONLY),
    ("form", "UPDATE", ""),
    ("wave", "UPDATE", "practice"),
)
SQLITE = """
CREATE TRIGGER collect_{table}_{act} BEFORE {act}{of} ON collect_{table}{when}
BEGIN SELECT RAISE(ABORT, 'collect_{table} is never changed'); END
"""
POSTGRESQL = """
CREATE TRIGGER collect_{table}_{act} BEFORE {act}{of} ON collect_{table}
FOR EACH ROW{when} EXECUTE FUNCTION collect_refuse()
"""
REFUSE = """
CREATE FUNCTION collect_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = '23001'; END $$
"""


def guard(apps: Apps, editor: Editor) -> None:
    """Sets the triggers."""
    template = SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL
    differs = "IS NOT" if editor.connection.vendor == "sqlite" else "IS DISTINCT FROM"
    if template is POSTGRESQL:
        editor.execute(REFUSE, None)
    for table, act, column in FORBIDDEN:
        when = f" WHEN (OLD.{column} {differs} NEW.{column})" if column else ""
        of = f" OF {column}" if column else ""
        editor.execute(template.format(table=table, act=act, of=of, when=when))


def unguard(apps: Apps, editor: Editor) -> None:
    """Takes them away."""
    on = editor.connection.vendor != "sqlite"
    for table, act, _ in FORBIDDEN:
        editor.execute(
            f"DROP TRIGGER collect_{table}_{act}" + (f" ON collect_{table}" if on else "")
        )
    if on:
        editor.execute("DROP FUNCTION collect_refuse()")


class Migration(migrations.Migration):
    """Triggers on both databases."""

    dependencies = [("collect", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
