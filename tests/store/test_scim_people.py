"""A store of schema 0007 keeps what SCIM clients gave when it is brought up to this version."""

import pytest
from sqlalchemy.engine import make_url

from connector.store.open import Reach, open_desk
from connector.store.postgresql import Server
from connector.store.sqlite import sqlite_engine
from tests.store.people import create, run, student

AS_BEFORE = """
DROP TABLE scim_people;
DROP TABLE external_ids;
CREATE TABLE external_ids (
  client TEXT NOT NULL, account_id BIGINT NOT NULL, external_id TEXT NOT NULL, PRIMARY KEY (client, account_id));
CREATE INDEX external_ids_value ON external_ids (client, external_id);
CREATE INDEX external_ids_account ON external_ids (account_id);
CREATE TABLE scim_facts (
  account_id BIGINT PRIMARY KEY, version INTEGER NOT NULL, created TEXT NOT NULL, modified TEXT NOT NULL,
  kept TEXT NOT NULL);
CREATE TABLE scim_documents (
  account_id BIGINT PRIMARY KEY, version INTEGER NOT NULL, etag TEXT NOT NULL, document TEXT NOT NULL);
INSERT INTO external_ids VALUES ('entra', 1, 'e-1');
INSERT INTO scim_facts VALUES
  (1, 1, '2026-01-01T08:00:00+00:00', '2026-01-02T08:00:00+00:00', '{"title":"Ms"}'),
  (2, 7, '2026-01-01T08:00:00+00:00', '2026-01-02T08:00:00+00:00', '{"title":"Mr"}');
INSERT INTO scim_documents VALUES (1, 1, 'a', 'first'), (2, 1, 'b', 'second'), (3, 1, 'c', 'third');
UPDATE alembic_version SET version_num = '0007'"""


@pytest.fixture
def older(address, opener):
    """Where a store of the older schema is; three accounts, of whom a client has given something of two."""
    students = [student("S1", external_ids=(("entra", "e-1"),)), student("S2"), student("S3")]
    run(opener(), *map(create, students))
    url = make_url(address.url)
    sqlite = url.get_backend_name() == "sqlite"
    engine = sqlite_engine(url.database) if sqlite else Server(url, address.schema).engine()
    with engine.connect() as connection, connection.begin():
        for statement in AS_BEFORE.split(";"):
            connection.exec_driver_sql(statement)
    return address


def test_what_clients_gave_and_the_texts_that_hold_are_carried_over(older, clock):
    """Attributes, times and ids stay; of the texts those whose times are known, the others are made again."""
    desk = open_desk(older.url, clock, Reach(older.schema))
    with desk.look("entra") as seen:
        first, second, third = map(seen.person, (1, 2, 3))
        assert [one.kept for one in (first, second, third)] == [{"title": "Ms"}, {"title": "Mr"}, {}]
        assert [one.external_id for one in (first, second, third)] == ["e-1", "", ""]
        assert [one.stamp.created.year for one in (first, second)] == [2026, 2026]
        assert first.stamp.modified.isoformat() == "2026-01-02T08:00:00+00:00"
        assert [one.text for one in seen.documents([1, 2, 3])] == ["first", "", ""]
        assert seen.joined_from(0, 3, None, "{") is None
    desk._engine.dispose()
