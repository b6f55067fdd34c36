"""Routes of the mailbox."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.mailbox import portal

app_name = "mailbox"
urlpatterns = [
    path("mailbox/", portal.message_list, name="list"),
    path("mailbox/<uuid:message_id>/", portal.message, name="message"),
    path("mailbox/<uuid:message_id>/open/", portal.open_message, name="open"),
    path("mailbox/<uuid:message_id>/letter.pdf", portal.download, name="pdf"),
]
