import { DagOutbox, type DagFact } from '@flow/dags';
import type { DagDoc } from './collections';
import { dagKey } from './dag.docs';
import type { Mongo } from './mongo';

/** Facts of DAGs that wait to be heard of: they stand in the DAG's own document, of a deleted one too; `MongoDagStore` puts them there. */
export class MongoDagOutbox extends DagOutbox {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async waiting(limit: number): Promise<readonly DagFact[]> {
    const docs = await this.mongo.read(() =>
      this.dags
        .find({ toTellMs: { $gt: 0 } })
        .sort({ toTellMs: 1, _id: 1 })
        .limit(limit)
        .project<Pick<DagDoc, '_id' | 'outbox'>>({ outbox: 1 })
        .toArray(),
    );
    // Whoever settled the last of them ended before it could say that nothing waits any more.
    const empty = docs.filter(({ outbox = [] }) => outbox.length === 0).map(({ _id }) => _id);
    if (empty.length > 0) await this.endOf(empty);
    return docs.flatMap(factsIn);
  }

  override async settle(facts: readonly DagFact[]): Promise<void> {
    const byDag = new Map<string, string[]>();
    for (const { id, dag } of facts) {
      const key = dagKey(dag.domain, dag.id);
      byDag.set(key, [...(byDag.get(key) ?? []), id]);
    }
    if (byDag.size === 0) return;
    const operations = [...byDag].map(([_id, ids]) => ({
      updateOne: { filter: { _id }, update: { $pull: { outbox: { id: { $in: ids } } } } },
    }));
    await this.mongo.write('dag.settle', () => this.dags.bulkWrite(operations as never, { ordered: false }));
    await this.endOf([...byDag.keys()]);
  }

  /** Nothing waits in them any more, unless something was added meanwhile. */
  private async endOf(keys: readonly string[]): Promise<void> {
    await this.mongo.write('dag.told', () =>
      this.dags.updateMany({ _id: { $in: [...keys] }, outbox: { $size: 0 } }, { $unset: { toTellMs: '', outbox: '' } }),
    );
  }

  private get dags() {
    return this.mongo.collection('dags');
  }
}

/** What a DAG's document has besides when these are to be told. */
export function outboxOf(facts: readonly DagFact[]): Required<Pick<DagDoc, 'outbox' | 'toTellMs'>> | undefined {
  const [first] = facts;
  if (!first) return undefined;
  return { toTellMs: Date.parse(first.at), outbox: facts.map((fact) => ({ id: fact.id, fact: JSON.stringify(fact) })) };
}

export function factsIn({ outbox = [] }: Pick<DagDoc, 'outbox'>): readonly DagFact[] {
  return outbox.map(({ fact }) => JSON.parse(fact) as DagFact);
}
