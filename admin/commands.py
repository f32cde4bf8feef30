"""Every command of `orrery`, and where it is."""

from types import MappingProxyType

from admin.deferred import Deferred, DeferredGroup


class Commands(DeferredGroup):
    deferred = MappingProxyType(
        {
            "doctor": Deferred(
                "admin.doctor.commands:doctor",
                "Look at everything that the fleet stands on and say what is wrong and what to do.",
            ),
            "migrate": Deferred(
                "admin.migrations.commands:migrate",
                "Make the schemas and their logins, and bring each schema to this image's newest revision.",
            ),
            "create-admin": Deferred(
                "admin.accounts.commands:create_admin",
                "Make a platform administrator and print a one-time password, once.",
            ),
            "smoke": Deferred(
                "admin.smoke.commands:smoke",
                "Do the main job through the gateway: register, upload a film, see it processed, find it in the logs.",
            ),
            "secrets": Deferred("admin.secrets.commands:app", "Passwords, keys and certificates of the installation."),
            "keys": Deferred("admin.keys.commands:app", "Keys that sign tokens, and keys that seal what auth stores."),
            "outbox": Deferred("admin.messages.outbox_commands:app", "Events that wait to be sent to Kafka."),
            "dlq": Deferred("admin.messages.dlq_commands:app", "Dead letters: events that a consumer could not apply."),
            "backup": Deferred(
                "admin.backup.commands:app", "Take backups of everything, look at them, and bring one back."
            ),
        }
    )
