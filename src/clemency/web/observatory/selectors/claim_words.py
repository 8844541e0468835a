"""Names of what a claim carries, in the language of the page: stages, bodies, kinds of sources, cautions."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Named = Mapping[str, Promise]

STAGES: Named = {
    "draft": _("expected before the draft was published"),
    "announced": _("announced"),
    "adopted": _("expected on adoption"),
    "progress": _("reported carried out so far"),
    "final": _("reported afterwards"),
}

BODIES: Named = {
    "presidency": _("the presidency"),
    "parliament": _("the parliament"),
    "ministry": _("the Ministry of Justice"),
    "prosecutor": _("the Prosecutor General's Office"),
    "watch_group": _("a watch group"),
}

SOURCE_TYPES: Named = {
    "official": _("official"),
    "pro_government": _("pro-government"),
    "independent": _("independent"),
    "international": _("international"),
    "exile": _("exile"),
}

ABOUT_SOURCE_TYPES: Named = {
    "official": _("the body that speaks, on its own pages"),
    "pro_government": _("an outlet of the state or close to it"),
    "independent": _("an outlet or group of the region that is independent of the state"),
    "international": _("an outlet or organisation from abroad"),
    "exile": _("people or groups who had to leave the country"),
}

CAUTIONS: Named = {
    "misread": _("The page takes another figure for this one."),
    "misprint": _("A word or number of the page must be a misprint."),
    "own_arithmetic": _("The outlet worked this figure out itself."),
    "reworded": _("The outlet names the line otherwise than its source."),
    "act_uncertain": _("Which act is meant is not sure."),
}

STANDINGS: Named = {
    "holds": _("holds"),
    "holds_in_part": _("holds in part"),
    "not_established": _("not established"),
    "does_not_hold": _("does not hold"),
}
