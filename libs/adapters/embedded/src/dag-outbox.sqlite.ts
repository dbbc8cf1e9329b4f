import type { Database } from '@flow/adapters/sqlite';
import { DagOutbox, type DagFact } from '@flow/dags';

/** Facts of DAGs that wait to be heard of (`dag-facts.schema.ts`); `SqliteDagStore` puts them there. */
export class SqliteDagOutbox extends DagOutbox {
  constructor(private readonly db: Database) {
    super();
  }

  /** Within the transaction of the change that they tell of. */
  put(facts: readonly DagFact[]): void {
    for (const fact of facts)
      this.db.run(
        'INSERT INTO dag_facts (domain, id, fact) VALUES (?, ?, ?)',
        fact.dag.domain,
        fact.id,
        JSON.stringify(fact),
      );
  }

  override async waiting(limit: number): Promise<readonly DagFact[]> {
    return this.db
      .all('SELECT fact FROM dag_facts ORDER BY domain, id LIMIT ?', limit)
      .map(({ fact }) => JSON.parse(String(fact)) as DagFact);
  }

  /** Waits for no disk: lost with the power, they are heard of again. */
  override async settle(facts: readonly DagFact[]): Promise<void> {
    this.db.transaction(
      'dag.settle',
      () => {
        for (const { id, dag } of facts)
          this.db.run('DELETE FROM dag_facts WHERE domain = ? AND id = ?', dag.domain, id);
      },
      { flush: 'later' },
    );
  }
}
