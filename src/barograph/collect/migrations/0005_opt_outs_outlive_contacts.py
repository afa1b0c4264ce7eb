"""Who opted out stays out, also when the contact is erased and comes back in a list."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("collect", "0004_failures_are_counted_in_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="OptOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
