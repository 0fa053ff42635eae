"""What must hold before a process serves: the store is of this cluster, the key is its own."""

from datetime import UTC, datetime

import structlog
from sqlalchemy import text

from api.cli.exits import CommandError, Exit
from api.outages import is_outage
from service.assembly import Service, build
from service.data_keys import MasterKeyMissing, SealBroken
from service.erasure_register import ErasureRegister, RegisterDamaged
from service.event_store import check_cluster
from service.migrating import pending_migrations
from service.settings import Settings

NEWEST_KEY = text("""
    SELECT key_id FROM subject_keys WHERE wrapped_key IS NOT NULL
    ORDER BY created_at DESC LIMIT 1
""")
_log = structlog.get_logger("amends.start")


def require_own_store(settings: Settings) -> None:
    """Refuse a store of another cluster (StoreFromAnotherCluster) and a wrong master key.

    People who were erased and came back with a restored backup are erased again.

    A database that is away or not migrated yet is no reason to refuse: /readyz says so until
    it is there.
    """
    service = build(settings)
    try:
        if pending_migrations(service.engine):
            _log.warning("database_not_migrated")
            return
        check_cluster(service.engine)
        newest_key_opens(service)
        erase_again(service)
    except (MasterKeyMissing, SealBroken):
        raise CommandError(
            Exit.CONFIGURATION,
            "the master key is not the one under which the personal texts were stored",
            "Put that key back: AMENDS_MASTER_KEY_FILE, or `master.key` in the data directory.",
        ) from None
    except Exception as error:
        if not is_outage(error):
            raise
        _log.warning("database_unreachable")
    finally:
        service.engine.dispose()


def erase_again(service: Service) -> int:
    """Erase whom a restored backup brought back; how many. Raises CommandError, see below."""
    try:
        returned = service.erasures.repeat(datetime.now(UTC))
    except RegisterDamaged as damage:
        raise CommandError(
            Exit.CONFIGURATION,
            f"the register of erasures is damaged: {damage}",
            "Mend that line of AMENDS_ERASURE_REGISTER, or put its newest copy back.",
        ) from None
    if returned:
        _log.warning("people_erased_again", people=returned)
    return returned


def require_register(settings: Settings, *, nobody_erased: bool) -> None:
    """Refuse to go on with a restored store where nobody knows whom to erase again.

    `nobody_erased`: the operator says so; an empty register is begun where a file is named.
    Raises CommandError, OSError.
    """
    path = settings.erasure_register
    register = ErasureRegister(path) if path else None
    if register and register.exists():
        return
    if not nobody_erased:
        where = "AMENDS_ERASURE_REGISTER names no file" if path is None else f"{path} is not there"
        raise CommandError(
            Exit.CONFIGURATION,
            f"no register of erasures: {where}, so whoever was erased since the backup was made "
            "would be readable again",
            "Set AMENDS_ERASURE_REGISTER to the newest copy of the register. Only where nobody "
            "was erased since that backup: `amends store adopt --without-erasures`.",
        )
    if register:
        register.begin()


def newest_key_opens(service: Service) -> bool:
    """Open the newest data key; False where there is none. Raises MasterKeyMissing, SealBroken."""
    with service.engine.connect() as connection:
        key_id = connection.execute(NEWEST_KEY).scalar()
    if key_id is None:
        return False
    service.keys.open(key_id)
    return True
