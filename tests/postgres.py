"""A PostgreSQL of Debian's package, started for a test in a folder of its own."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path


def program(name):
    """The path of one of PostgreSQL's programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def missing():
    """Why PostgreSQL can't be started here, or None."""
    if not program("initdb") or not program("postgres"):
        return "PostgreSQL is not installed (on Debian: apt install postgresql)"
    if os.getuid() == 0 and not _as_postgres():
        return "PostgreSQL does not run as root, and there is no user postgres"
    return None


def _as_postgres():
    """Arguments for subprocess that make a command run as PostgreSQL's own user, if we are root."""
    import pwd

    with contextlib.suppress(KeyError):
        user = pwd.getpwnam("postgres")
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {}


@contextlib.contextmanager
def postgres():
    """The SQLAlchemy URL of a database in a server that listens on a socket file only."""
    user = _as_postgres() if os.getuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the path of a socket is limited
    server = None
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        data = folder / "data"
        made = [program("initdb"), "-D", data, "-U", "course", "-A", "trust", "-N", "-E", "UTF8"]
        subprocess.run(made, check=True, stdout=subprocess.DEVNULL, cwd=folder, **user)
        server = subprocess.Popen(
            [program("postgres"), "-D", data, "-k", folder, "-c", "listen_addresses=", "-F"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user,
        )  # fmt: skip
        url = f"postgresql+psycopg://course@/postgres?host={folder}"
        _wait(url)
        yield url
    finally:
        if server:
            server.send_signal(signal.SIGINT)  # which does not wait for those still connected
            server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


_numbers = itertools.count()


def another(url):
    """The URL of a new, empty database in the server at `url`."""
    from sqlalchemy import create_engine, text

    name = f"grades{next(_numbers)}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.replace("/postgres?", f"/{name}?")


def _wait(url):
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError

    deadline = time.monotonic() + 60
    while True:
        try:
            create_engine(url).connect().close()
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
