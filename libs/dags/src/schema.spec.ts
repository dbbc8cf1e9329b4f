import Ajv2020 from 'ajv/dist/2020';
import { aCatalogue } from '@flow/testing/dags';
import fc from 'fast-check';
import { DagLimits } from './dag-limits';
import { dagJsonSchema } from './schema';
import { arbitraryDefinition } from './testing/arbitrary-dag';
import { checkDag } from './validate';

const catalogue = aCatalogue();
const schema = dagJsonSchema(catalogue);
const ajv = new Ajv2020({ strict: false });
const fits = ajv.compile(schema);
const withStep = (step: object) => ({ title: 'A', steps: [{ id: '0', operator: '@trigger/manual' }, step] });

describe('the schema of definitions', () => {
  it('is a schema of draft 2020-12, and plain JSON', () => {
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  it('fits every definition that may be saved', () => {
    fc.assert(
      fc.property(arbitraryDefinition, (definition) => {
        expect(checkDag(definition, { catalogue, limits: new DagLimits() }).faults).toEqual([]);
        expect(fits(definition) ? null : fits.errors).toBeNull();
      }),
      { numRuns: 60 },
    );
  });

  it('knows the parameters of each operator, and lets expressions stand for values', () => {
    const call = (parameters: object) => fits(withStep({ id: '1', operator: '@http/request', parameters }));
    expect(call({ url: 'x', method: 'GET', retries: 3 })).toBe(true);
    expect(call({ url: '{{__0.url}}', method: '{{vars.m}}', retries: '{{1 + 1}}' })).toBe(true);
    expect(call({ url: 'x', retries: 'three' })).toBe(false);
    expect(call({ url: 'x', colour: 'red' })).toBe(false);
    expect(fits(withStep({ id: '1', operator: '@nobody/knows' }))).toBe(false);
  });

  it('knows the bodies of each construct, and how failures are handled and undone', () => {
    const body = [{ id: '2', operator: '@internal/return' }];
    const handled = { id: '1', operator: '@internal/return', onError: { steps: body } };
    expect(fits(withStep(handled))).toBe(true);
    expect(fits(withStep({ ...handled, onError: 'continue', undo: body[0] }))).toBe(true);
    expect(fits(withStep({ ...handled, onError: 'retry' }))).toBe(false);
    expect(fits({ title: 'A', steps: [{ id: '0', operator: '@trigger/manual', onError: 'continue' }] })).toBe(false);
    expect(fits(withStep({ id: '1', operator: '@control/flow/try', steps: body, catch: [], finally: [] }))).toBe(true);
    expect(fits(withStep({ id: '1', operator: '@control/flow/try', catch: body }))).toBe(false);
    expect(fits(withStep({ id: '1', operator: '@control/flow/loop', parameters: { limit: 1 }, steps: body }))).toBe(
      true,
    );
    expect(fits(withStep({ id: '1', operator: '@control/flow/loop', parameters: { limit: 1 }, catch: body }))).toBe(
      false,
    );
    expect(fits(withStep({ id: '1', operator: '@internal/return', steps: body }))).toBe(false);
  });

  it('does not offer what is not built yet', () => {
    expect(fits({ title: 'A', steps: [{ id: '0', operator: '@trigger/manual' }], onFailure: {} })).toBe(false);
  });
});
