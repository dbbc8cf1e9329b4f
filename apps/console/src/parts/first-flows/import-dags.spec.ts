import { mediaTypeOf } from './import-dags';

describe('what an import is read as', () => {
  it.each([
    ['{"title": "A"}', 'application/json'],
    ['\n  [{"title": "A"}]', 'application/json'],
    ['title: A\nsteps: []', 'application/yaml'],
    ['# {a note}\ntitle: A', 'application/yaml'],
    ['', 'application/yaml'],
  ])('%j is %s', (text, type) => expect(mediaTypeOf(text)).toBe(type));
});
