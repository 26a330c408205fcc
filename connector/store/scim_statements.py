"""The statements of the SCIM edge that every request runs, in the driver's own words (see statements.py)."""

from connector.store.codec import FIELDS

_ACCOUNT = ", ".join(f"accounts.{name}" for name in FIELDS)
# Several clients may have deleted an account: archived_by names them all.
_BY = "',' || accounts.archived_by || ','"
_SEEN = f"NOT (accounts.archived = 1 AND replace({_BY}, ?, '') <> {_BY})"
_DOCUMENT = """
SELECT accounts.id, accounts.archived, accounts.archived_by, scim_people.etag,
  CASE WHEN scim_people.version = accounts.version THEN scim_people.document END, external_ids.external_id
FROM accounts
LEFT JOIN scim_people ON scim_people.account_id = accounts.id
LEFT JOIN external_ids ON external_ids.account_id = accounts.id AND external_ids.client = ?
WHERE accounts.user_type <> 'System' AND """

DOCUMENT = f"{_DOCUMENT} accounts.id = ?"
DOCUMENT_BY_USERNAME = f"""{_DOCUMENT}
  ((accounts.name_key = ? AND accounts.case_key = '') OR (accounts.case_key = ? AND accounts.case_key <> ''))"""
DOCUMENT_BY_EXTERNAL_ID = f"{_DOCUMENT} external_ids.external_id = ? ORDER BY accounts.id"
PAGE_OF_DOCUMENTS = """
SELECT accounts.id, CASE WHEN scim_people.version = accounts.version THEN scim_people.document ELSE '' END,
  '', ''
FROM accounts LEFT JOIN scim_people ON scim_people.account_id = accounts.id
WHERE accounts.id BETWEEN ? AND ? ORDER BY accounts.id"""
# In the order of ids, in which SQLite goes through such a range; a subquery that sorts takes twice as long.
_JOINED = """
SELECT count(*), sum(scim_people.version = accounts.version), CAST(group_concat({text}) AS BLOB)
FROM accounts LEFT JOIN scim_people ON scim_people.account_id = accounts.id {more}
WHERE accounts.id BETWEEN ? AND ?"""
JOINED_DOCUMENTS = _JOINED.format(text="scim_people.document, ?", more="")
JOINED_IDENTIFIED = _JOINED.format(
    text="""CASE WHEN external_ids.external_id IS NULL THEN ?
      ELSE '{"externalId":' || json_quote(external_ids.external_id) || ? END || scim_people.document""",
    more="LEFT JOIN external_ids ON external_ids.client = ? AND external_ids.account_id = accounts.id",
)
ANY_EXTERNAL_ID = "SELECT 1 FROM external_ids WHERE client = ? AND account_id BETWEEN ? AND ? LIMIT 1"
PAGE_OF_EXTERNAL_IDS = """
SELECT account_id, external_id FROM external_ids WHERE client = ? AND account_id BETWEEN ? AND ?"""
IDS_OF_ALL = f"""
SELECT accounts.id FROM accounts
WHERE accounts.user_type <> 'System' AND {_SEEN}
ORDER BY accounts.id"""  # noqa: S608 - our own columns
PERSON = f"""SELECT {_ACCOUNT},
scim_people.version, scim_people.created, scim_people.modified, scim_people.kept,
EXISTS (SELECT 1 FROM scim_members WHERE scim_members.account_id = accounts.id),
EXISTS (SELECT 1 FROM sightings WHERE sightings.account_id = accounts.id)
FROM accounts LEFT JOIN scim_people ON scim_people.account_id = accounts.id
WHERE accounts.id = ? AND accounts.user_type <> 'System'
  AND {_SEEN}"""  # noqa: S608 - our own columns
MEMBERSHIPS = """
SELECT scim_groups.id, scim_groups.display_name
FROM scim_members JOIN scim_groups ON scim_groups.id = scim_members.group_id
WHERE scim_members.account_id = ? ORDER BY scim_groups.name_key"""
TIMES_BY_RUNS = """
SELECT min(runs.started_at), max(runs.started_at)
FROM outcomes JOIN runs ON runs.number = outcomes.run WHERE outcomes.account_id = ?"""
STATE = "SELECT value FROM state WHERE key = ?"

KEEP_PERSON = """
INSERT INTO scim_people (account_id, version, created, modified, kept, etag, document)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id) DO UPDATE
SET version = excluded.version, created = excluded.created, modified = excluded.modified, etag = excluded.etag,
  document = excluded.document"""
KEEP_PERSON_ANEW = f"{KEEP_PERSON}, kept = excluded.kept"
FORGET_VALUES = "DELETE FROM scim_values WHERE account_id = ?"
KEEP_VALUE = "INSERT INTO scim_values (account_id, path, item, sub, value, value_key) VALUES (?, ?, ?, ?, ?, ?)"
