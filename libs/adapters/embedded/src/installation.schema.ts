/** Which installation the file belongs to: one row (`InstallationMark`). */
export const INSTALLATION_SCHEMA = `
CREATE TABLE installation (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  id TEXT NOT NULL,
  settled INTEGER NOT NULL
) STRICT;
`;
