"""Routes of cases: the portal's and the workbench's."""

from __future__ import annotations

from django.urls import path

from commonweal.kernel.cases import answering, drafts, handing_in, invitations, moving, portal, workbench

app_name = "cases"
_page = "drafts/<uuid:sheet_id>/pages/<slug:page_key>/"
urlpatterns = [
    path("services/<slug:key>/start", drafts.start, name="start"),
    path("services/<slug:key>/begun/", drafts.begun, name="begun"),
    path("services/<slug:key>/held/", drafts.held, name="held"),
    path("resume/<str:token>/", portal.resume, name="resume"),
    path("drafts/<uuid:sheet_id>/", portal.draft, name="draft"),
    path("drafts/<uuid:sheet_id>/delete/", drafts.delete, name="delete-draft"),
    path("drafts/<uuid:sheet_id>/later/", portal.later, name="later"),
    path("drafts/<uuid:sheet_id>/check/", portal.review, name="review"),
    path("drafts/<uuid:sheet_id>/newer/", moving.newer, name="newer"),
    path(_page, portal.form_page, name="page"),
    path(f"{_page}new/", portal.form_item, name="new-item"),
    path(f"{_page}<int:item>/", portal.form_item, name="item"),
    path(f"{_page}<int:item>/remove/", portal.remove_item, name="remove-item"),
    path("drafts/<uuid:sheet_id>/files/<uuid:file_id>/", handing_in.download, name="draft-file"),
    path("drafts/<uuid:sheet_id>/uploads/<slug:question>/", handing_in.uploads, name="uploads"),
    path(
        "drafts/<uuid:sheet_id>/uploads/<slug:question>/<uuid:upload_id>/", handing_in.upload, name="upload"
    ),
    path("sign/<str:token>/", invitations.invitation, name="invitation"),
    path("signatures/<uuid:signature_id>/", invitations.signature, name="signature"),
    path("signatures/<uuid:signature_id>/answer", invitations.answer, name="answer-signature"),
    path("me/", portal.home, name="home"),
    path("cases/<str:reference>/", portal.case, name="case"),
    path("cases/<str:reference>/decision/", portal.decision, name="decision"),
    path("cases/<str:reference>/record/", portal.record, name="record"),
    path("cases/<str:reference>/answer", answering.answer, name="answer"),
    path(
        "cases/<str:reference>/signatures/<uuid:signature_id>/again", invitations.again, name="invite-again"
    ),
    path("cases/<str:reference>/withdraw/", portal.withdraw, name="withdraw"),
    path("workbench/", workbench.start, name="queue"),
    path("workbench/cases/<str:reference>/", workbench.work, name="work"),
    path("workbench/cases/<str:reference>/claim", workbench.claim, name="claim"),
    path("workbench/cases/<str:reference>/release", workbench.release, name="release"),
    path("workbench/cases/<str:reference>/assign", workbench.assign, name="assign"),
    path("workbench/cases/<str:reference>/note", workbench.note, name="note"),
    path("workbench/cases/<str:reference>/complete", workbench.complete, name="complete"),
    path("workbench/cases/<str:reference>/ask", workbench.ask, name="ask"),
    path("workbench/cases/<str:reference>/confirm", workbench.confirm, name="confirm"),
    path("workbench/cases/<str:reference>/retry", workbench.retry, name="retry"),
    path("workbench/cases/<str:reference>/letter", workbench.letter, name="letter"),
    path("workbench/cases/<str:reference>/decide", workbench.decide, name="decide"),
]
