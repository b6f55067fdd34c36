"""What can go wrong in the policy lab."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from commonweal.kernel.base.errors import CommonwealError, Conflict, Invalid, NotFound


class SimulationNotFound(NotFound):
    """There is no such simulation, or the actor may not know of it."""

    code = "simulation-not-found"
    message = _("There is no such simulation, or it belongs to another agency.")
    next_step = _("Look at the list of simulations.")


class BulkMissing(CommonwealError):
    """The packages for whole populations are not installed."""

    code = "bulk-missing"
    status = 503
    message = _("The policy lab needs the packages for whole populations, which are not installed here.")
    next_step = _("Ask an operator to install Commonweal with its extra 'bulk'.")


class NotSimulable(NotFound):
    """The programme does not say how it is simulated, or no law of it is in force on the day."""

    code = "not-simulable"
    message = _("This programme cannot be simulated on that day.")
    next_step = _("Choose another programme or another day.")


class BadSimulation(Invalid):
    """An order for a simulation is wrong in some fields."""

    code = "bad-simulation"
    message = _("Some of what you changed cannot be used.")
    next_step = _("Mend what is marked, then run it again.")


class BadPopulation(Invalid):
    """A file is no population that the programme can be run on."""

    code = "bad-population"
    message = _("The file cannot be used as a population.")
    next_step = _("Mend the rows and columns named, then upload it again.")


class NotDone(Conflict):
    """A simulation has no figures yet."""

    code = "simulation-not-done"
    message = _("The simulation has no figures yet.")
    next_step = _("Wait until it is done.")


class PopulationGone(CommonwealError):
    """The file of an uploaded population is no longer kept."""

    code = "population-gone"
    status = 410
    message = _("The uploaded population is no longer kept.")
    next_step = _("Upload it again; its hash says whether it is the same.")
