"""What can go wrong with registers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError, Invalid


class RegisterUnknown(CommonwealError):
    """A declaration or a program names a register that the jurisdiction does not keep."""

    code = "register-unknown"
    message = _("There is no register '{register}'.")
    next_step = _("Declare it in the jurisdiction's folder of registers.")


class EntryInvalid(Invalid):
    """An entry does not follow its register's declaration; ``fields`` says where."""

    code = "register-entry-invalid"
    message = _("The entry cannot be taken into the register.")
    next_step = _("Correct the fields named and send it again.")


class NotSearchable(CommonwealError):
    """A search names a field that the register does not index."""

    code = "register-not-searchable"
    message = _("The register '{register}' cannot be searched by '{field}'.")
    next_step = _("Declare the field as searchable.")
