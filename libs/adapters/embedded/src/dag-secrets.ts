import type { Database, SqlValue } from '@flow/adapters/sqlite';
import { secretNamesOf, type Dag, type DagContent, type DagsNaming } from '@flow/dags';
import type { DomainId } from '@flow/kernel';
import { isStorable } from './dag-store.rows';

/** Which DAGs name which secrets in their newest version; kept with every version, gone with the DAG. */
export const DAG_SECRETS_SCHEMA = `
CREATE TABLE dag_secrets (
  domain TEXT NOT NULL,
  secret TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (domain, secret, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX dag_secrets_by_dag ON dag_secrets (seq);
`;

const FILLED_AT_ONCE = 200;

export function indexSecrets(db: Database, seq: number, dag: Pick<Dag, 'domain' | 'steps'>): void {
  for (const name of secretNamesOf(dag))
    if (isStorable(name))
      db.run('INSERT INTO dag_secrets (domain, secret, seq) VALUES (?, ?, ?)', dag.domain, name, seq);
}

export function forgetSecrets(db: Database, seq: number): void {
  db.run('DELETE FROM dag_secrets WHERE seq = ?', seq);
}

/** For the DAGs that stood before the table did. */
export function fillDagSecrets(db: Database): void {
  for (let after: SqlValue | undefined = 0; after !== undefined;) {
    const rows = db.all(
      `SELECT d.seq, d.domain, v.content FROM dags d JOIN dag_versions v ON v.row = d.version_row
       WHERE d.seq > ? AND d.deleted_at IS NULL ORDER BY d.seq LIMIT ${FILLED_AT_ONCE}`,
      after,
    );
    for (const { seq, domain, content } of rows)
      indexSecrets(db, Number(seq), {
        domain: domain as DomainId,
        steps: (JSON.parse(String(content)) as DagContent).steps,
      });
    after = rows.at(-1)?.seq;
  }
}

/** As DagStore.namingSecrets promises; each name costs its own rows. */
export function dagsNaming(
  db: Database,
  domain: DomainId,
  names: readonly string[],
  limit: number,
): ReadonlyMap<string, DagsNaming> {
  const counts = db.all(
    `SELECT secret, count(*) AS total FROM dag_secrets
     WHERE domain = ? AND secret IN (SELECT value FROM json_each(?)) GROUP BY secret`,
    domain,
    JSON.stringify(names.filter(isStorable)),
  );
  const first = (secret: string) =>
    db.all(
      `SELECT d.id, d.title FROM dag_secrets s JOIN dags d ON d.seq = s.seq
       WHERE s.domain = ? AND s.secret = ? ORDER BY s.seq LIMIT ?`,
      domain,
      secret,
      limit,
    );
  return new Map(
    counts.map(({ secret, total }) => [
      String(secret),
      {
        total: Number(total),
        dags: first(String(secret)).map(({ id, title }) => ({ id: id as Dag['id'], title: String(title) })),
      },
    ]),
  );
}
