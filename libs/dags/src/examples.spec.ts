import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadBuiltins } from '@flow/builtins';
import { OperatorCatalogue } from '@flow/operators';
import { HttpClient } from '@flow/platform';
import Ajv2020 from 'ajv/dist/2020';
import { bodyFieldsOf, type BodyField } from './constructs';
import type { DagDefinition } from './dag';
import { DagLimits } from './dag-limits';
import { dagJsonSchema } from './schema';
import { readDefinitions, writeDefinitions } from './transfer';
import { checkDag } from './validate';

const ROOT = resolve(__dirname, '../../..');
/** Those of the repository, and those that the console offers where there is no DAG yet. */
const FOLDERS = ['examples', 'apps/console/src/parts/first-flows/examples'];
const FILES = FOLDERS.flatMap((folder) => readdirSync(resolve(ROOT, folder)).map((file) => `${folder}/${file}`));
const catalogue = new OperatorCatalogue(loadBuiltins({ http: new HttpClient() }));
const schema = dagJsonSchema(catalogue);
const ajv = new Ajv2020({ strict: false, allErrors: true });
const fits = ajv.compile(schema);
const read = (text: string) => readDefinitions(text, 'yaml', { characters: 1024 * 1024 }).definitions;

const aStep = { id: '2', operator: '@internal/return' };
const aBody = (field: BodyField) => (field === 'branches' ? { id: 'a', steps: [aStep] } : aStep);

describe('the schema of all operators that ship', () => {
  it('is a schema of draft 2020-12', () => {
    expect(ajv.validateSchema(schema) ? null : ajv.errors).toBeNull();
  });

  it('fits the example of every operator', () => {
    for (const { id, kind, example } of catalogue.list()) {
      const bodies = Object.fromEntries(bodyFieldsOf(id).required.map((field) => [field, [aBody(field)]]));
      const step = { id: '1', operator: id, parameters: example.parameters, ...bodies };
      const steps = kind === 'trigger' ? [step] : [{ id: '0', operator: '@trigger/manual' }, step];
      expect([id, fits({ title: 'A flow', steps }) ? null : fits.errors]).toEqual([id, null]);
    }
  });
});

describe.each(FILES.filter((file) => file.endsWith('.yaml')))('%s', (file) => {
  const definitions = read(readFileSync(resolve(ROOT, file), 'utf8'));

  it('is valid, fits the schema, and comes back as it went', () => {
    for (const definition of definitions) {
      expect(checkDag(definition, { catalogue, limits: new DagLimits() })).toEqual({ faults: [], warnings: [] });
      expect(fits(definition) ? null : fits.errors).toBeNull();
      expect(read(writeDefinitions([definition as DagDefinition], 'yaml'))).toEqual([definition]);
    }
  });
});
