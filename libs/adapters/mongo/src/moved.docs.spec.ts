import { factsOfChange } from '@flow/dags';
import { aDag } from '@flow/testing/dags';
import { aDelivery } from '@flow/testing/deliveries';
import { anEvent } from '@flow/testing/events';
import { SHAPES, type Shape } from './moved.docs';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What a document that was made of an entry gives back. */
function kept<T>({ docOf, entryOf }: Shape<T, never>, content: T): T {
  return entryOf(JSON.parse(JSON.stringify(docOf(content))) as never).content;
}

describe('what is moved into MongoDB', () => {
  it.each([true, false])('holds what is to be told of a DAG; deleted: %s', (isDeleted) => {
    const dag = aDag();
    const beside = { dag, versionBy: 'ann', versionAt: dag.createdAt, isDeleted };
    for (const content of [beside, { ...beside, facts: factsOfChange(undefined, dag) }])
      expect(kept(SHAPES.dags as never, content)).toEqual(content);
  });

  it('holds the trace that a delivery and an event belong to', () => {
    const { id, domain, instance, url, body } = aDelivery();
    const waits = { status: 'pending' as const, attempts: 0, createdMs: 1, nextMs: 2, lastError: null, letter: null };
    const delivery = { id, domain, instance, url, body, ...waits };
    for (const content of [delivery, { ...delivery, traceparent }])
      expect(kept(SHAPES.deliveries as never, content)).toEqual(content);
    for (const content of [anEvent('A', 1), anEvent('A', 1, { traceparent })])
      expect(kept(SHAPES.events as never, content)).toEqual(content);
  });
});
