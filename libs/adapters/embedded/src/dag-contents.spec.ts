import type { DagId, DomainId } from '@flow/kernel';
import { DagContents } from './dag-contents';

const PUBLIC = 'public' as DomainId;
const aContent = (text: string) => JSON.stringify({ title: text, steps: [{ id: '0' }] });

describe('DagContents', () => {
  it('reads a version once', () => {
    const contents = new DagContents();
    let reads = 0;
    const get = (id: string, version: string) =>
      contents.get(PUBLIC, id as DagId, version, () => {
        reads += 1;
        return aContent(`${id} ${version}`);
      });
    expect(get('a', 'v1')).toBe(get('a', 'v1'));
    expect(get('a', 'v2')).toMatchObject({ title: 'a v2' });
    expect(reads).toBe(2);
  });

  it('lets nobody change what others read too', () => {
    const content = new DagContents().get(PUBLIC, 'a' as DagId, 'v1', () => aContent('a'));
    expect(() => Object.assign(content.steps[0] ?? {}, { id: '1' })).toThrow(TypeError);
  });

  it('keeps so many characters, and forgets what was read longest ago first', () => {
    const contents = new DagContents();
    const read: string[] = [];
    const get = (id: string) =>
      contents.get(PUBLIC, id as DagId, 'v1', () => {
        read.push(id);
        return aContent('x'.repeat(1_100_000));
      });
    for (const id of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) get(id);
    expect(read).toEqual(['a', 'b', 'c', 'd', 'b']);
  });
});
