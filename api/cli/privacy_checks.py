"""What `amends doctor` looks at about erased people: is everybody gone, and will they stay so."""

from api.cli.findings import Finding, fault, fine, warning
from service.assembly import Service
from service.erasure_register import ErasureRegister, RegisterDamaged
from service.event_store import was_adopted


def look_at_erasures(service: Service) -> Finding:
    """Whether whoever was erased is still erased."""
    path = service.settings.erasure_register
    if was_adopted(service.engine) and not (path and ErasureRegister(path).exists()):
        return fault(
            "erasures",
            "the store was restored from a backup and there is no register of erasures: people "
            "who were erased may be readable again",
            "Set AMENDS_ERASURE_REGISTER to the newest copy of the register, then run `amends "
            "store adopt`; with --without-erasures only if nobody was erased since the backup.",
        )
    if path is None:
        return warning(
            "erasures",
            "no register outside the database: a restored backup brings erased people back",
            "Set AMENDS_ERASURE_REGISTER to a file that outlives the database.",
        )
    try:
        came_back = len(service.erasures.came_back())
    except RegisterDamaged as damage:
        return fault(
            "erasures",
            f"the register is damaged: {damage}",
            "Mend that line, or put the newest copy of the file back.",
        )
    if came_back:
        return fault(
            "erasures",
            f"{came_back} erased people came back with a restored backup",
            "Start any Amends process anew, or run `amends store adopt`: both erase them again.",
        )
    return fine("erasures", "everybody who was erased is still erased")
