"""Roles as screens call them."""

from dashboard.i18n import Language, words
from domain.actors import Role


def role_word(role: Role, lang: Language) -> str:
    """The role's name."""
    _ = words(lang).gettext
    return {
        Role.VIEWER: _("Viewer"),
        Role.DUTY_OFFICER: _("Duty officer"),
        Role.CONTROLLER: _("Controller"),
        Role.COMMANDER: _("Commander"),
        Role.REGISTRAR: _("Registrar"),
        Role.AUDITOR: _("Auditor"),
    }[role]
