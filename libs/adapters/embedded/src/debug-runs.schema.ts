/** Debug runs by the moment at which their time is over. A row goes with its run. */
export const DEBUG_RUNS_SCHEMA = `
CREATE TABLE debug_runs (
  instance INTEGER PRIMARY KEY,
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX debug_runs_by_expiry ON debug_runs (expires_ms);
`;
